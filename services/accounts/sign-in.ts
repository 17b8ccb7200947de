import type pg from 'pg'
import { type AccountRow, changeAccount, findAccount, findAccountByKey } from '../../db/accounts.js'
import type { Db } from '../../db/database.js'
import type { KeyedHash } from '../../db/key-ring.js'
import { type Account, toAccount } from './account.js'
import { AccountError } from './account-error.js'
import { foldUsername, maxUsernameLength } from './fold-username.js'
import { createKnownDevices } from './known-devices.js'
import { checkPassword, type Passwords } from './passwords.js'
import { createSignInThrottle, type SignInTry } from './sign-in-throttle.js'
import type { Tokens } from './tokens.js'
import { validateUsername } from './validate-username.js'

interface SignInParts {
  readonly db: Db
  readonly passwords: Passwords
  readonly tokens: Tokens
  readonly hash: KeyedHash
  readonly pool: pg.Pool
}

export interface SignInInput {
  readonly username: string
  readonly password: string
  readonly address: string
  /** The pass that an earlier sign-in on this device gave. */
  readonly device?: string | undefined
}

export interface SignedIn {
  readonly account: Account
  readonly token: string
  /** Shown at the next sign-in, it tells this device from strangers: see known-devices.ts. */
  readonly device: string
}

export interface OwnPasswordChange {
  readonly accountId: number
  readonly current: string
  readonly next: string
}

export interface SignIn {
  /** See AccountService. */
  readonly signIn: (input: SignInInput) => Promise<SignedIn>
  /** See AccountService. */
  readonly changeOwnPassword: (change: OwnPasswordChange) => Promise<string | undefined>
}

/** What asks for a password: in the same words and time whether the name exists or not, and slowed down. */
export function createSignIn(parts: SignInParts): SignIn {
  const { db, passwords, tokens } = parts
  const throttle = createSignInThrottle(parts)
  const devices = createKnownDevices(parts)
  const issue = ({ username, id, token_generation: generation }: AccountRow) =>
    tokens.issue({ username, accountId: id, generation })
  return {
    signIn: async ({ username, password, address, device: pass }) => {
      const usernameKey = foldUsername(username.slice(0, 2 * maxUsernameLength))
      const device = devices.find(pass, usernameKey)
      const attempt = await throttle.begin({ usernameKey, address, device })
      const row = await prove(parts, attempt, password, async () =>
        // Not every text can be asked for: PostgreSQL fails on a NUL.
        validateUsername(username) === 'ok' ? await findAccountByKey(db, usernameKey) : undefined,
      )
      if (row === undefined) throw new AccountError('wrong_credentials')
      return {
        account: toAccount(row),
        token: await issue(row),
        device: devices.renew(pass, usernameKey),
      }
    },
    changeOwnPassword: async ({ accountId, current, next }) => {
      if (checkPassword(next) !== 'ok') throw new AccountError('invalid_password')
      const row = await findAccount(db, accountId)
      if (row === undefined) return undefined
      // Who has a session of the account guesses slowly too, and keeps nobody else from anything.
      const { username_key: usernameKey } = row
      const attempt = await throttle.begin({ usernameKey, address: '', device: 'session' })
      const proven = await prove(parts, attempt, current, () => Promise.resolve(row))
      if (proven === undefined) throw new AccountError('wrong_password')
      const hash = await passwords.hash(next)
      if ((await changeAccount(db, accountId, { kind: 'password', hash })) !== 'changed')
        return undefined
      const changed = await findAccount(db, accountId)
      return changed && (await issue(changed))
    },
  }
}

/** @returns undefined for a wrong name or password, and for an account that may not sign in */
async function prove(
  { passwords }: SignInParts,
  attempt: SignInTry,
  password: string,
  findRow: () => Promise<AccountRow | undefined>,
): Promise<AccountRow | undefined> {
  let row: AccountRow | undefined
  let isRight: boolean
  try {
    row = await findRow()
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
