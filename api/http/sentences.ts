import { extractionSentences } from '../../services/extraction/extraction-errors.js'

/** The languages that people read here; Portuguese unless they ask for English. */
export type ReaderLanguage = 'pt' | 'en'

export type Sentence = Readonly<Record<ReaderLanguage, string>>

/** What an error says. The code is for programs, the sentence for people: it says what to do. */
export const errorSentences = {
  bad_request: {
    pt: 'O pedido não pôde ser lido: confira o formato e envie de novo.',
    en: 'The request could not be read: check its format and send it again.',
  },
  nothing_to_classify: {
    pt: 'Nada para classificar: envie um texto no campo "text" ou um arquivo no campo "file".',
    en: 'Nothing to classify: send a text in the field "text" or a file in the field "file".',
  },
  invalid_json: {
    pt: 'O corpo não é um JSON válido.',
    en: 'The body is not valid JSON.',
  },
  invalid_body: {
    pt: 'O pedido tem um campo inválido: veja "detail".',
    en: 'The request has an invalid field: see "detail".',
  },
  invalid_idempotency_key: {
    pt: 'Idempotency-Key deve ter de 1 a 255 caracteres visíveis.',
    en: 'Idempotency-Key must be 1 to 255 visible characters.',
  },
  idempotency_conflict: {
    pt: 'Esta Idempotency-Key já foi usada com outro conteúdo: use uma nova chave.',
    en: 'This Idempotency-Key was already used with other content: use a new key.',
  },
  upload_interrupted: {
    pt: 'O envio foi interrompido: tente de novo.',
    en: 'The upload was interrupted: try again.',
  },
  not_text: extractionSentences.not_text,
  pdf_not_pdf: extractionSentences.pdf_not_pdf,
  invalid_field: {
    pt: 'Campo ausente ou inválido',
    en: 'Missing or invalid field',
  },
  body_too_large: {
    pt: 'O pedido é grande demais para este endereço.',
    en: 'The request is too large for this address.',
  },
  username_taken: {
    pt: 'Este nome de usuário já existe ou se parece demais com outro: escolha um diferente.',
    en: 'This username exists or looks too much like another: choose a different one.',
  },
  invalid_username: {
    pt: 'O nome de usuário deve ter de 1 a 255 caracteres visíveis.',
    en: 'The username must be 1 to 255 visible characters.',
  },
  invalid_password: {
    pt: 'A senha deve ter no mínimo 8 caracteres e no máximo 72 bytes, sem caracteres nulos.',
    en: 'The password must be at least 8 characters and at most 72 bytes, without NUL characters.',
  },
  registration_closed: {
    pt: 'O cadastro está fechado: peça uma conta a um administrador.',
    en: 'Registration is closed: ask an administrator for an account.',
  },
  wrong_credentials: {
    pt: 'Usuário ou senha incorretos.',
    en: 'Wrong username or password.',
  },
  sign_in_required: {
    pt: 'Entre com usuário e senha: a sessão está ausente, expirou ou foi encerrada.',
    en: 'Sign in: the session is missing, has expired or was ended.',
  },
  too_many_sign_ins: {
    pt: 'Tentativas de entrada demais: aguarde e tente de novo.',
    en: 'Too many attempts to sign in: wait and try again.',
  },
  busy: {
    pt: 'Muitas pessoas estão entrando agora: tente de novo em instantes.',
    en: 'Many people are signing in right now: try again shortly.',
  },
  last_admin: {
    pt: 'Esta é a única conta de administrador ativa: crie outra antes.',
    en: 'This is the only active administrator account: make another one first.',
  },
  account_not_found: { pt: 'Conta não encontrada.', en: 'Account not found.' },
  key_not_found: {
    pt: 'Chave não encontrada ou já revogada.',
    en: 'Key not found or revoked already.',
  },
  model_not_found: { pt: 'Modelo não encontrado.', en: 'Model not found.' },
  model_unusable: {
    pt: 'Este modelo não pode ser lido: veja o motivo em GET /models e treine de novo.',
    en: 'This model cannot be read: see why in GET /models and train again.',
  },
  model_not_a_model: {
    pt: 'Este arquivo não é um modelo: envie o que GET /models/{id}/file deu.',
    en: 'This file is no model: send what GET /models/{id}/file gave.',
  },
  model_damaged: {
    pt: 'Este modelo está danificado ou incompleto: envie-o de novo ou treine outro.',
    en: 'This model is damaged or incomplete: send it again or train another.',
  },
  model_other_version: {
    pt: 'Este modelo foi feito por outra versão do Triagem: treine de novo com a deste servidor.',
    en: 'This model was made by another version of Triagem: train again with this server’s.',
  },
  model_other_embedding: {
    pt: 'Este modelo foi feito com outro embedding: treine de novo com o deste servidor.',
    en: 'This model was made with another embedding: train again with this server’s.',
  },
  model_version_taken: {
    pt: 'Já existe outro modelo desta versão, feito dos mesmos exemplos: use aquele.',
    en: 'There is another model of this version already, made of the same examples: use that one.',
  },
  model_not_current: {
    pt: 'Este modelo não está em uso: só o que está em uso pode ser desfeito.',
    en: 'This model is not in use: only the one in use can be taken back.',
  },
  no_model_before: {
    pt: 'Não houve modelo antes deste: promova outro em vez de desfazê-lo.',
    en: 'There was no model before this one: promote another instead of taking it back.',
  },
  recipient_not_found: { pt: 'Destinatário não encontrado.', en: 'Recipient not found.' },
  message_to_self: {
    pt: 'Escolha outro destinatário: não se envia mensagem a si mesmo.',
    en: 'Choose another recipient: a message cannot go to yourself.',
  },
  message_not_found: { pt: 'Mensagem não encontrada.', en: 'Message not found.' },
  unauthorized: {
    pt: 'Chave ausente ou inválida: envie-a no cabeçalho X-API-Key.',
    en: 'Missing or invalid key: send it in the X-API-Key header.',
  },
  forbidden: {
    pt: 'Esta chave ou conta não permite esta operação.',
    en: 'This key or account does not allow this operation.',
  },
  foreign_origin: {
    pt: 'Origem não permitida: acrescente-a a FRONTEND_URL para usá-la.',
    en: 'Origin not allowed: add it to FRONTEND_URL to use it.',
  },
  not_found: { pt: 'Não encontrado.', en: 'Not found.' },
  job_not_found: {
    pt: 'Trabalho não encontrado: confira o identificador; ele pode ter sido removido.',
    en: 'Job not found: check the id; it may have been removed.',
  },
  run_not_found: {
    pt: 'Trabalho não encontrado: confira o identificador; ele pode ter sido removido.',
    en: 'Run not found: check the id; it may have been removed.',
  },
  method_not_allowed: {
    pt: 'Método não permitido neste endereço.',
    en: 'Method not allowed at this address.',
  },
  too_large: {
    pt: 'Grande demais: o limite é de 5 MB.',
    en: 'Too large: the limit is 5 MB.',
  },
  unsupported_media_type: {
    pt: 'Tipo não suportado: envie multipart/form-data, formulário ou JSON; arquivos .txt ou .pdf.',
    en: 'Unsupported type: send multipart/form-data, a form or JSON; .txt or .pdf files.',
  },
  bytes_expected: {
    pt: 'Tipo não suportado: envie o arquivo como está, com Content-Type: application/octet-stream.',
    en: 'Unsupported type: send the file as it is, with Content-Type: application/octet-stream.',
  },
  misdirected: {
    pt: 'Este servidor não responde por este nome: acrescente-o a ALLOWED_HOSTS.',
    en: 'This server does not answer to this name: add it to ALLOWED_HOSTS.',
  },
  too_many_requests: {
    pt: 'Pedidos demais: aguarde um pouco e tente de novo.',
    en: 'Too many requests: wait a little and try again.',
  },
  unavailable: {
    pt: 'O serviço está temporariamente indisponível; nada foi aceito. Tente de novo em instantes.',
    en: 'The service is temporarily unavailable; nothing was accepted. Try again shortly.',
  },
  internal: {
    pt: 'Algo deu errado aqui; o erro foi registrado. Tente de novo.',
    en: 'Something went wrong here; the error was logged. Try again.',
  },
} as const satisfies Record<string, Sentence>

export type ErrorCode = keyof typeof errorSentences

/** Stand in the place of a message that no key opens. */
export const unreadableMessage = {
  title: { pt: 'Mensagem ilegível', en: 'Unreadable message' },
  body: {
    pt: 'Esta mensagem não pode ser aberta: falta a chave que a guardou. Avise quem administra o sistema.',
    en: 'This message can’t be opened: the key that kept it is missing. Tell whoever runs the system.',
  },
} as const satisfies Readonly<Record<string, Sentence>>

/** What was done to a model. */
export const modelSentences = {
  promoted: { pt: 'O modelo está em uso.', en: 'The model is in use.' },
  rolledBack: {
    pt: 'O modelo anterior voltou ao uso.',
    en: 'The model before it is in use again.',
  },
} as const satisfies Record<string, Sentence>

/** What a socket is told beside the state. */
export const noticeSentences = {
  not_understood: {
    pt: 'Mensagem não entendida: envie {"type":"cancel"} para cancelar.',
    en: 'Message not understood: send {"type":"cancel"} to cancel.',
  },
  not_cancelled: {
    pt: 'O cancelamento não pôde ser registrado: tente de novo.',
    en: 'The cancel could not be recorded: try again.',
  },
} as const satisfies Record<string, Sentence>
