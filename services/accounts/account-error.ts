import { Refusal } from '../refusal.js'

export type AccountErrorCode =
  | 'username_taken'
  | 'invalid_username'
  | 'invalid_password'
  | 'wrong_credentials'
  | 'wrong_password'
  | 'too_many_sign_ins'
  | 'last_admin'

/** What an account can't have or do. */
export class AccountError extends Refusal<AccountErrorCode> {
  override readonly name = 'AccountError'

  /** @param retryAfterSeconds of `too_many_sign_ins` alone */
  constructor(code: AccountErrorCode, retryAfterSeconds?: number) {
    super(code, { message: `An account was refused: ${code}.`, retryAfterSeconds })
  }
}
