import type { Language, Topic } from '../classification/labels.js'

/** @param about the mail's subject as a phrase that begins with a space, or '' */
type Body = Readonly<Record<Language, (about: string) => string>>

/**
 * What an answer says, by topic. It confirms that the mail arrived and says what the office needs or does
 * next; it never says that something was done, granted or checked. A topic without a body isn't answered.
 */
export const replyBodies: Readonly<Record<Topic, Body | undefined>> = {
  status_inquiry: {
    pt: (about) =>
      `recebemos sua mensagem${about}. Vamos verificar a situação e responderemos com o andamento. Se tiver um número de protocolo ou de pedido que ainda não nos enviou, responda a este e-mail com ele: isso agiliza a consulta.`,
    en: (about) =>
      `we have received your message${about}. We will look up where this stands and write back to you. If you have a case or order number that you have not sent yet, please reply with it, as it makes the search quicker.`,
  },
  complaint: {
    pt: (about) =>
      `recebemos sua reclamação${about} e lamentamos o transtorno. Ela será analisada por uma pessoa da nossa equipe, que entrará em contato. Se puder, envie em resposta datas, números ou fotos que ajudem a entender o ocorrido.`,
    en: (about) =>
      `we have received your complaint${about} and we are sorry for the trouble. A member of our team will look into it and get back to you. If you can, reply with any dates, numbers or pictures that help us understand what happened.`,
  },
  document_request: {
    pt: (about) =>
      `recebemos seu pedido de documento${about}. Vamos conferir o que é necessário e responderemos com o documento ou com os próximos passos. Confirme, por favor, o nome completo e a finalidade, caso não constem na sua mensagem.`,
    en: (about) =>
      `we have received your request for a document${about}. We will check what is needed and reply with the document or with the next steps. If your message does not say so yet, please tell us the full name and what the document is for.`,
  },
  access_problem: {
    pt: (about) =>
      `recebemos seu relato de problema de acesso${about}. Nossa equipe vai verificar sua conta. Informe, por favor, o nome de usuário e a mensagem de erro que aparece. Nunca envie sua senha por e-mail.`,
    en: (about) =>
      `we have received your report of an access problem${about}. Our team will look at your account. Please tell us your user name and the error message you see. Never send your password by e-mail.`,
  },
  technical_problem: {
    pt: (about) =>
      `recebemos seu relato de problema técnico${about}. Nossa equipe vai analisá-lo. Para ajudar, responda com o horário em que aconteceu, o equipamento ou sistema usado e, se possível, uma imagem da tela.`,
    en: (about) =>
      `we have received your report of a technical problem${about}. Our team will look into it. To help us, please reply with the time it happened, the device or system used and, if possible, a screenshot.`,
  },
  billing: {
    pt: (about) =>
      `recebemos sua mensagem sobre cobrança${about}. O setor financeiro vai conferir os valores e responderá. Se houver boleto, fatura ou comprovante que ainda não enviou, anexe-o à resposta.`,
    en: (about) =>
      `we have received your message about a payment${about}. Our finance staff will check the amounts and reply. If there is an invoice or receipt that you have not sent yet, please attach it to your reply.`,
  },
  scheduling: {
    pt: (about) =>
      `recebemos sua mensagem de agendamento${about}. Vamos conferir a agenda e responderemos com a disponibilidade. O horário só estará marcado depois da nossa confirmação.`,
    en: (about) =>
      `we have received your message about an appointment${about}. We will check the calendar and reply with what is available. The time is booked only once we have confirmed it.`,
  },
  order: {
    pt: (about) =>
      `recebemos sua mensagem de pedido${about}. Vamos conferir os itens e responderemos com a confirmação ou com o que faltar. Se souber o número do pedido, informe-o na resposta.`,
    en: (about) =>
      `we have received your message about an order${about}. We will check the items and reply with a confirmation or with what is missing. If you know the order number, please send it in your reply.`,
  },
  approval: {
    pt: (about) =>
      `recebemos sua solicitação${about}. Ela será encaminhada a quem pode decidir, e responderemos com a decisão. Se houver um prazo que não está na sua mensagem, avise-nos.`,
    en: (about) =>
      `we have received your request${about}. It will go to the person who can decide, and we will reply with the decision. If there is a deadline that your message does not mention, please let us know.`,
  },
  question: {
    pt: (about) =>
      `recebemos sua pergunta${about}. Vamos buscar a informação e responderemos em seguida. Se quiser acrescentar algum detalhe, basta responder a este e-mail.`,
    en: (about) =>
      `we have received your question${about}. We will find the information and reply to you. If you would like to add a detail, simply answer this e-mail.`,
  },
  other_request: {
    pt: (about) =>
      `recebemos sua mensagem${about}. Ela será encaminhada à pessoa responsável, que responderá. Se houver algum detalhe ou prazo a acrescentar, basta responder a este e-mail.`,
    en: (about) =>
      `we have received your message${about}. It will go to the person in charge, who will reply. If there is a detail or deadline to add, simply answer this e-mail.`,
  },
  thanks: {
    pt: (about) => `agradecemos a sua mensagem${about}. Continuamos à disposição.`,
    en: (about) => `thank you for your kind message${about}. We remain at your disposal.`,
  },
  greeting: {
    pt: () => 'agradecemos e retribuímos os votos. Continuamos à disposição.',
    en: () => 'thank you, and our best wishes to you too. We remain at your disposal.',
  },
  informative: {
    pt: (about) => `obrigado, recebemos a sua mensagem${about}.`,
    en: (about) => `thank you, we have received your message${about}.`,
  },
  advertising: undefined,
  phishing: undefined,
  automatic: undefined,
}
