import type { Sentence } from './reader-language.js'

/** What an error answers: the status, and a sentence for people that says what to do. */
export interface ErrorAnswer extends Sentence {
  readonly status: number
  /** The Retry-After that goes with it, unless whoever throws it knows better. */
  readonly retryAfterSeconds?: number
}

/** An error as it is declared beside its subject. The code is for programs. */
export interface DeclaredError extends ErrorAnswer {
  readonly code: string
}

/** The errors of one subject by their codes. */
export type ErrorTable = Readonly<Record<string, DeclaredError>>

/** Makes the table of a subject: each error gets the key under which it is written as its code. */
export function declareErrors<Code extends string>(
  answers: Readonly<Record<Code, ErrorAnswer>>,
): Readonly<Record<Code, DeclaredError>> {
  const entries = Object.entries<ErrorAnswer>(answers)
  return Object.fromEntries(entries.map(([code, answer]) => [code, { ...answer, code }])) as Record<
    Code,
    DeclaredError
  >
}

/**
 * One table of all subjects' errors.
 *
 * @throws Error that names a code which two tables declare
 */
export function mergeErrors(tables: readonly ErrorTable[]): ReadonlyMap<string, DeclaredError> {
  const merged = new Map<string, DeclaredError>()
  for (const error of tables.flatMap((table) => Object.values(table))) {
    if (merged.has(error.code)) throw new Error(`The error ${error.code} is declared twice.`)
    merged.set(error.code, error)
  }
  return merged
}

const retryAfterSeconds = 5

/** The errors that belong to no subject: what is wrong with a request, with its caller, or with us. */
export const commonErrors = declareErrors({
  bad_request: {
    status: 400,
    pt: 'O pedido não pôde ser lido: confira o formato e envie de novo.',
    en: 'The request could not be read: check its format and send it again.',
  },
  two_hosts: {
    status: 400,
    pt: 'O pedido tem mais de um cabeçalho Host: envie só um.',
    en: 'The request has more than one Host header: send one alone.',
  },
  upload_interrupted: {
    status: 400,
    pt: 'O envio foi interrompido: tente de novo.',
    en: 'The upload was interrupted: try again.',
  },
  invalid_idempotency_key: {
    status: 400,
    pt: 'Idempotency-Key deve ter de 1 a 255 caracteres visíveis.',
    en: 'Idempotency-Key must be 1 to 255 visible characters.',
  },
  unauthorized: {
    status: 401,
    pt: 'Chave ausente ou inválida: envie-a no cabeçalho X-API-Key, ou entre com uma conta que permita isto.',
    en: 'Missing or invalid key: send it in the X-API-Key header, or sign in with an account that may do this.',
  },
  sign_in_required: {
    status: 401,
    pt: 'Entre com usuário e senha: a sessão está ausente, expirou ou foi encerrada.',
    en: 'Sign in: the session is missing, has expired or was ended.',
  },
  origin_required: {
    status: 401,
    pt: 'Falta o cabeçalho Origin: o cookie da sessão só vale com ele. Envie-o, ou use Authorization: Bearer.',
    en: 'The Origin header is missing: the session cookie counts only with it. Send it, or use Authorization: Bearer.',
  },
  forbidden: {
    status: 403,
    pt: 'Esta chave ou conta não permite esta operação.',
    en: 'This key or account does not allow this operation.',
  },
  foreign_origin: {
    status: 403,
    pt: 'Origem não permitida: acrescente-a a FRONTEND_URL para usá-la.',
    en: 'Origin not allowed: add it to FRONTEND_URL to use it.',
  },
  not_found: { status: 404, pt: 'Não encontrado.', en: 'Not found.' },
  method_not_allowed: {
    status: 405,
    pt: 'Método não permitido neste endereço.',
    en: 'Method not allowed at this address.',
  },
  too_large: {
    status: 413,
    pt: 'Grande demais: o limite é de 5 MB.',
    en: 'Too large: the limit is 5 MB.',
  },
  body_too_large: {
    status: 413,
    pt: 'O pedido é grande demais para este endereço.',
    en: 'The request is too large for this address.',
  },
  unsupported_media_type: {
    status: 415,
    pt: 'Tipo não suportado: envie multipart/form-data, formulário ou JSON; arquivos .txt ou .pdf.',
    en: 'Unsupported type: send multipart/form-data, a form or JSON; .txt or .pdf files.',
  },
  bytes_expected: {
    status: 415,
    pt: 'Tipo não suportado: envie o arquivo como está, com Content-Type: application/octet-stream.',
    en: 'Unsupported type: send the file as it is, with Content-Type: application/octet-stream.',
  },
  misdirected: {
    status: 421,
    pt: 'Este servidor não responde por este nome: acrescente-o a ALLOWED_HOSTS.',
    en: 'This server does not answer to this name: add it to ALLOWED_HOSTS.',
  },
  upgrade_required: {
    status: 426,
    pt: 'Aqui só se fala por WebSocket: conecte-se com ws:// ou wss:// (cabeçalho Upgrade: websocket).',
    en: 'This address speaks WebSocket alone: connect with ws:// or wss:// (header Upgrade: websocket).',
  },
  invalid_json: {
    status: 422,
    pt: 'O corpo não é um JSON válido.',
    en: 'The body is not valid JSON.',
  },
  json_too_complex: {
    status: 422,
    pt: 'O JSON tem níveis ou itens demais: envie-o mais simples ou em partes.',
    en: 'The JSON has too many levels or items: send it simpler or in parts.',
  },
  invalid_body: {
    status: 422,
    pt: 'O pedido tem um campo inválido: veja "detail".',
    en: 'The request has an invalid field: see "detail".',
  },
  invalid_field: {
    status: 422,
    pt: 'Campo ausente ou inválido',
    en: 'Missing or invalid field',
  },
  too_many_requests: {
    status: 429,
    pt: 'Pedidos demais: aguarde um pouco e tente de novo.',
    en: 'Too many requests: wait a little and try again.',
  },
  internal: {
    status: 500,
    pt: 'Algo deu errado aqui; o erro foi registrado. Tente de novo.',
    en: 'Something went wrong here; the error was logged. Try again.',
  },
  key_missing: {
    status: 503,
    retryAfterSeconds,
    pt: 'Este servidor ainda não tem a chave que abre este conteúdo; nada se perdeu. Tente de novo em instantes.',
    en: 'This server does not have the key that opens this content yet; nothing is lost. Try again shortly.',
  },
  unavailable: {
    status: 503,
    retryAfterSeconds,
    pt: 'O serviço está temporariamente indisponível; nada foi aceito. Tente de novo em instantes.',
    en: 'The service is temporarily unavailable; nothing was accepted. Try again shortly.',
  },
  disk_low: {
    status: 507,
    pt: 'O disco do servidor está quase cheio e nada de novo é aceito; ler continua possível. Avise o operador.',
    en: 'The disk of the server is almost full and nothing new is accepted; reading goes on. Tell the operator.',
  },
} satisfies Record<string, ErrorAnswer>)
