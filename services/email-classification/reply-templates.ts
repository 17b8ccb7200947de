import type { Language, Topic } from '../../engine/labels.js'

/** @param about the mail's subject as a phrase that begins with a space, or '' */
type Body = Readonly<Record<Language, (about: string) => string>>

/**
 * What an answer says, by topic: that the mail arrived, what is done next, and what would help. It never
 * says that something was done, granted or checked, names no date and no department, for nobody knows them
 * here, and asks only for what the mail may lack. People get a courteous word also where nothing has to be
 * done; a topic without a body isn't answered. The Portuguese is worded so that it is at home in Brazil and
 * in Portugal: no `equipe`, `tela`, `usuário`, `boleto`, `contato`.
 */
export const replyBodies: Readonly<Record<Topic, Body | undefined>> = {
  status_inquiry: {
    pt: (about) =>
      `recebemos a sua mensagem${about}. Vamos verificar a situação e responderemos assim que tivermos a informação. Se tiver um número de pedido ou de processo que ainda não nos enviou, responda a este e-mail com ele, por favor.`,
    en: (about) =>
      `we have received your message${about}. We will look up where this stands and write back once we know. If you have an order or case number that you have not sent us yet, please reply with it.`,
  },
  complaint: {
    pt: (about) =>
      `recebemos a sua reclamação${about} e lamentamos o transtorno. Vamos analisar o que aconteceu e daremos uma resposta. Se puder, envie-nos datas, números ou fotografias que ajudem a compreender o caso.`,
    en: (about) =>
      `we have received your complaint${about}, and we are sorry for the trouble. We will look into what happened and get back to you. If you can, please send us any dates, numbers or pictures that help us understand it.`,
  },
  document_request: {
    pt: (about) =>
      `recebemos o seu pedido de documento${about}. Vamos verificar o que é necessário e informaremos os próximos passos. Se ainda não constarem na sua mensagem, indique-nos, por favor, o nome completo e a finalidade do documento.`,
    en: (about) =>
      `we have received your request for a document${about}. We will check what is needed and tell you the next steps. If your message does not say so yet, please let us know the full name and what the document is for.`,
  },
  access_problem: {
    pt: (about) =>
      `recebemos a sua mensagem${about} e vamos verificar o problema de acesso. Se ainda não o fez, indique-nos, por favor, o login ou e-mail com que tenta entrar e a mensagem de erro que aparece. Nunca envie a sua senha por e-mail.`,
    en: (about) =>
      `we have received your message${about} and will look into the access problem. If you have not done so yet, please tell us the user name or e-mail address you sign in with and the error message you see. Never send your password by e-mail.`,
  },
  technical_problem: {
    pt: (about) =>
      `recebemos a sua mensagem${about} e vamos analisar o problema. Para ajudar, indique-nos, por favor, quando aconteceu, em que equipamento ou sistema e, se possível, envie uma imagem do erro.`,
    en: (about) =>
      `we have received your message${about} and will look into the problem. To help us, please tell us when it happened and on which device or system, and send a screenshot if you can.`,
  },
  billing: {
    pt: (about) =>
      `recebemos a sua mensagem${about}. Vamos conferir a cobrança ou o pagamento em questão e responderemos em seguida. Se houver uma fatura ou um recibo que ainda não enviou, anexe-o à resposta, por favor.`,
    en: (about) =>
      `we have received your message${about}. We will check the charge or payment in question and then reply. If there is an invoice or a receipt that you have not sent yet, please attach it to your reply.`,
  },
  scheduling: {
    pt: (about) =>
      `recebemos a sua mensagem${about}. Vamos consultar a agenda e responderemos em seguida. Uma data ou um horário só fica marcado, alterado ou cancelado depois da nossa confirmação.`,
    en: (about) =>
      `we have received your message${about}. We will check the calendar and then reply. A date or time is booked, changed or cancelled only once we have confirmed it.`,
  },
  order: {
    pt: (about) =>
      `recebemos a sua mensagem${about}. Vamos verificar os dados do pedido e responderemos em seguida; até lá, nada fica confirmado. Se já tiver um número de pedido e ainda não o enviou, responda a este e-mail com ele, por favor.`,
    en: (about) =>
      `we have received your message${about}. We will check the details of the order and then reply; until then nothing is confirmed. If you already have an order number and have not sent it yet, please reply with it.`,
  },
  approval: {
    pt: (about) =>
      `recebemos a sua solicitação${about}. Ela será encaminhada a quem pode decidir, e informaremos quando houver uma decisão. Se houver um prazo que não consta na sua mensagem, avise-nos, por favor.`,
    en: (about) =>
      `we have received your request${about}. It will go to the person who can decide, and we will tell you once there is a decision. If there is a deadline that your message does not mention, please let us know.`,
  },
  question: {
    pt: (about) =>
      `recebemos a sua pergunta${about}. Vamos procurar a informação e responderemos em seguida. Se quiser acrescentar algum detalhe, basta responder a este e-mail.`,
    en: (about) =>
      `we have received your question${about}. We will find out and write back to you. If you would like to add anything, simply reply to this e-mail.`,
  },
  other_request: {
    pt: (about) =>
      `recebemos a sua mensagem${about}. Ela será encaminhada a quem trata do assunto. Se houver algum detalhe ou prazo a acrescentar, basta responder a este e-mail.`,
    en: (about) =>
      `we have received your message${about}. It will go to the person who deals with such matters. If there is a detail or a deadline to add, simply reply to this e-mail.`,
  },
  thanks: {
    pt: (about) => `agradecemos a sua gentil mensagem${about}. Sempre que precisar, escreva-nos.`,
    en: (about) =>
      `thank you for your kind message${about}. Please write to us whenever you need anything.`,
  },
  greeting: {
    pt: () => 'agradecemos a sua mensagem e retribuímos com os nossos melhores votos.',
    en: () => 'thank you for your message, and our best wishes to you too.',
  },
  informative: {
    pt: (about) => `recebemos a sua mensagem${about} e agradecemos a informação.`,
    en: (about) => `we have received your message${about}. Thank you for letting us know.`,
  },
  advertising: undefined,
  phishing: undefined,
  automatic: undefined,
}
