import { declareErrors } from '../../http/common-errors.js'

/** What internal mail refuses. */
export const internalMailErrors = declareErrors({
  recipient_not_found: {
    status: 404,
    pt: 'Destinatário não encontrado.',
    en: 'Recipient not found.',
  },
  message_to_self: {
    status: 422,
    pt: 'Escolha outro destinatário: não se envia mensagem a si mesmo.',
    en: 'Choose another recipient: a message cannot go to yourself.',
  },
  message_not_found: { status: 404, pt: 'Mensagem não encontrada.', en: 'Message not found.' },
})
