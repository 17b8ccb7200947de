export type AccountErrorCode =
  | 'username_taken'
  | 'invalid_username'
  | 'invalid_password'
  | 'wrong_credentials'
  | 'too_many_sign_ins'
  | 'last_admin'

/** What an account can't have or do. Its message is for logs and holds no name. */
export class AccountError extends Error {
  override readonly name = 'AccountError'
  constructor(
    readonly code: AccountErrorCode,
    /** Of `too_many_sign_ins` alone. */
    readonly retryAfterSeconds?: number,
  ) {
    super(`An account was refused: ${code}.`)
  }
}
