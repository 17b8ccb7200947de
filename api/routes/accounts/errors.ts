import type { AccountErrorCode } from '../../../services/accounts/account-error.js'
import type { PasswordsBusyError } from '../../../services/accounts/passwords.js'
import { declareErrors, type ErrorAnswer } from '../../http/common-errors.js'

type ServiceCode = AccountErrorCode | PasswordsBusyError['code']

/** What accounts, their keys and signing in refuse. */
export const accountErrors = declareErrors({
  username_taken: {
    status: 400,
    pt: 'Este nome de usuário já existe ou se parece demais com outro: escolha um diferente.',
    en: 'This username exists or looks too much like another: choose a different one.',
  },
  invalid_username: {
    status: 422,
    pt: 'O nome de usuário deve ter de 1 a 255 caracteres visíveis.',
    en: 'The username must be 1 to 255 visible characters.',
  },
  invalid_password: {
    status: 422,
    pt: 'A senha deve ter no mínimo 8 caracteres e no máximo 72 bytes, sem caracteres nulos.',
    en: 'The password must be at least 8 characters and at most 72 bytes, without NUL characters.',
  },
  registration_closed: {
    status: 403,
    pt: 'O cadastro está fechado: peça uma conta a um administrador.',
    en: 'Registration is closed: ask an administrator for an account.',
  },
  wrong_credentials: {
    status: 401,
    pt: 'Usuário ou senha incorretos.',
    en: 'Wrong username or password.',
  },
  wrong_password: {
    status: 403,
    pt: 'A senha atual não confere: nada foi alterado.',
    en: 'The current password is wrong: nothing was changed.',
  },
  too_many_sign_ins: {
    status: 429,
    pt: 'Tentativas de entrada demais: aguarde e tente de novo.',
    en: 'Too many attempts to sign in: wait and try again.',
  },
  busy: {
    status: 503,
    retryAfterSeconds: 5,
    pt: 'Muitas pessoas estão entrando agora: tente de novo em instantes.',
    en: 'Many people are signing in right now: try again shortly.',
  },
  last_admin: {
    status: 409,
    pt: 'Esta é a única conta de administrador ativa: crie outra antes.',
    en: 'This is the only active administrator account: make another one first.',
  },
  final_slash_missing: {
    status: 404,
    pt: 'Não encontrado: as contas estão em /users/, com a barra no fim.',
    en: 'Not found: accounts are at /users/, with the final slash.',
  },
  account_not_found: { status: 404, pt: 'Conta não encontrada.', en: 'Account not found.' },
  key_not_found: {
    status: 404,
    pt: 'Chave não encontrada ou já revogada.',
    en: 'Key not found or revoked already.',
  },
} satisfies Record<ServiceCode, ErrorAnswer> & Record<string, ErrorAnswer>)
