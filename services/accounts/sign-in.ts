import type pg from 'pg'
import { type AccountRow, findAccountByKey } from '../../db/accounts.js'
import type { Db } from '../../db/database.js'
import type { KeyedHash } from '../../db/key-ring.js'
import type { Account } from './account.js'
import { AccountError } from './account-error.js'
import { foldUsername, maxUsernameLength } from './fold-username.js'
import type { Passwords } from './passwords.js'
import { createSignInThrottle, type SignInThrottle } from './sign-in-throttle.js'
import type { Tokens } from './tokens.js'
import { validateUsername } from './validate-username.js'

interface SignInParts {
  readonly db: Db
  readonly passwords: Passwords
  readonly tokens: Tokens
  readonly hash: KeyedHash
  readonly pool: pg.Pool
}

interface Credentials {
  readonly username: string
  readonly password: string
  readonly address: string
}

/** @returns what AccountService calls signIn: the same words and time whether the name exists or not */
export function createSignIn(
  parts: SignInParts,
): (credentials: Credentials) => Promise<{ account: Account; token: string }> {
  const throttle = createSignInThrottle(parts)
  return async (credentials) => {
    const row = await findProven(parts, throttle, credentials)
    if (row === undefined) throw new AccountError('wrong_credentials')
    const { id, username, role } = row
    const generation = row.token_generation
    const token = await parts.tokens.issue({ username, accountId: id, generation })
    return { account: { id, username, role }, token }
  }
}

/** @returns undefined for a wrong name or password, and for an account that may not sign in */
async function findProven(
  { db, passwords }: SignInParts,
  throttle: SignInThrottle,
  { username, password, address }: Credentials,
): Promise<AccountRow | undefined> {
  const key = foldUsername(username.slice(0, 2 * maxUsernameLength))
  const attempt = await throttle.begin(key, address)
  let row: AccountRow | undefined
  let isRight: boolean
  try {
    // Not every text can be asked for: PostgreSQL fails on a NUL.
    row = validateUsername(username) === 'ok' ? await findAccountByKey(db, key) : undefined
    isRight = await passwords.verify(password, row?.password_hash ?? undefined)
  } catch (error) {
    await attempt.takeBack()
    throw error
  }
  if (!isRight || row === undefined || row.disabled_at !== null || row.deleted_at !== null)
    return undefined
  await attempt.succeeded()
  return row
}
