import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import type { OpenScope, Scope } from '../../config/access.js'
import {
  type AccountChange,
  type AccountRow,
  changeAccount,
  findAccount,
  findAccountByKey,
  findSignedInAccount,
  hasAccounts,
  insertAccount,
  insertFirstAccount,
  listAccounts,
  listAccountStates,
} from '../../db/accounts.js'
import type { Db } from '../../db/database.js'
import type { KeyedHash } from '../../db/key-ring.js'
import type { Role } from '../../db/schema/accounts.js'
import { type Account, toAccount } from './account.js'
import { AccountError } from './account-error.js'
import { type ApiKeyState, createApiKeyService } from './api-key-service.js'
import { foldUsername, tidyUsername } from './fold-username.js'
import { checkPassword, type Passwords } from './passwords.js'
import { isRowId } from './row-id.js'
import { createSignIn, type SignIn } from './sign-in.js'
import type { TokenClaims, Tokens } from './tokens.js'
import { validateUsername } from './validate-username.js'

export { AccountError, type AccountErrorCode } from './account-error.js'
export type { ApiKeyState } from './api-key-service.js'

export interface AccountServiceInput {
  readonly db: Db
  readonly passwords: Passwords
  readonly tokens: Tokens
  readonly hash: KeyedHash
  readonly pool: pg.Pool
}

export interface FoundAccount extends Account {
  readonly disabled: boolean
}

export interface NewAccountInput {
  readonly username: string
  readonly password: string
  readonly role?: Role
  /** What it may do beside what its role allows. */
  readonly scopes?: readonly OpenScope[]
}

export interface AccountService {
  /** @throws AccountError `username_taken`, `invalid_username`, `invalid_password` */
  register(input: NewAccountInput): Promise<Account>
  /** @throws AccountError `wrong_credentials`, or `too_many_sign_ins` with retryAfterSeconds; PasswordsBusyError */
  signIn: SignIn['signIn']
  /**
   * Ends every session of the account, as setPassword() does.
   *
   * @returns a token for who changed it; undefined where the account is gone
   * @throws AccountError `invalid_password`, `wrong_password` or `too_many_sign_ins`; PasswordsBusyError
   */
  changeOwnPassword: SignIn['changeOwnPassword']
  /** @returns undefined for a token that is bad, expired or of an account that ended or signed out everywhere */
  authenticate(token: string): Promise<Account | undefined>
  /** What a good token says; whether its account still stands is not looked up. */
  readToken(token: string): Promise<TokenClaims | undefined>
  /** @returns undefined for a secret that is not one of ours, or was revoked */
  authenticateKey(
    secret: string,
  ): Promise<{ id: number; name: string; scopes: readonly Scope[] } | undefined>
  /** In the order of their ids, disabled ones too, deleted ones not. */
  list(input: {
    exceptId: number
    skip: number
    limit?: number
  }): Promise<{ id: number; username: string }[]>
  /** As list(), with all that is known of each. */
  listStates(input: {
    skip: number
    limit?: number
  }): Promise<(FoundAccount & { readonly createdAt: Date })[]>
  /** One that was deleted is not found. */
  find(by: { id: number } | { username: string }): Promise<FoundAccount | undefined>
  /** The next six give false where there is no such account. @throws AccountError `last_admin` */
  setRole(id: number, role: Role): Promise<boolean>
  /** @param scopes what it may do beside what its role allows, in place of those of before */
  setScopes(id: number, scopes: readonly OpenScope[]): Promise<boolean>
  /** @throws AccountError `last_admin` */
  setDisabled(id: number, disabled: boolean): Promise<boolean>
  /** @throws AccountError `invalid_password` */
  setPassword(id: number, password: string): Promise<boolean>
  signOutEverywhere(id: number): Promise<boolean>
  /** Its name stays, to those it wrote to. @throws AccountError `last_admin` */
  remove(id: number): Promise<boolean>
  /** @returns the secret, which is not kept: it is shown once */
  createKey(input: {
    name: string
    scopes: readonly Scope[]
    createdBy?: number
  }): Promise<{ id: number; secret: string }>
  listKeys(): Promise<ApiKeyState[]>
  /** @returns false where there is no such key, or it was revoked already */
  revokeKey(id: number): Promise<boolean>
  /** @returns undefined where an account exists already; else the first one, its password said this once */
  ensureFirstAdmin(): Promise<{ username: 'admin'; password: string } | undefined>
}

/** Everything that is done to accounts, whoever asks for it: it checks no rights. */
export function createAccountService(input: AccountServiceInput): AccountService {
  const { db, tokens } = input
  const keys = createApiKeyService(db)
  const { signIn, changeOwnPassword } = createSignIn(input)
  const change = (id: number, what: AccountChange) => applyChange(db, id, what)
  return {
    register: (account) => register(input, account),
    signIn,
    changeOwnPassword,
    authenticate: async (token) => {
      const claims = await tokens.read(token)
      const row = claims && (await findSignedInAccount(db, claims))
      return row && toAccount(row)
    },
    readToken: (token) => tokens.read(token),
    authenticateKey: keys.authenticate,
    list: (range) => listAccounts(db, range),
    listStates: async (range) =>
      (await listAccountStates(db, range)).map((row) => ({
        ...toFoundAccount(row),
        createdAt: row.created_at,
      })),
    find: async (by) => {
      const row = await findRow(db, by)
      return row && toFoundAccount(row)
    },
    setRole: (id, role) => change(id, { kind: 'role', role }),
    setScopes: (id, scopes) => change(id, { kind: 'scopes', scopes }),
    setDisabled: (id, disabled) => change(id, { kind: disabled ? 'disable' : 'enable' }),
    setPassword: async (id, password) => {
      if (checkPassword(password) !== 'ok') throw new AccountError('invalid_password')
      return await change(id, { kind: 'password', hash: await input.passwords.hash(password) })
    },
    signOutEverywhere: (id) => change(id, { kind: 'sign_out' }),
    remove: (id) => change(id, { kind: 'delete' }),
    createKey: keys.create,
    listKeys: keys.list,
    revokeKey: keys.revoke,
    ensureFirstAdmin: () => ensureFirstAdmin(input),
  }
}

async function register(
  { db, passwords }: AccountServiceInput,
  { username, password, role = 'user', scopes = [] }: NewAccountInput,
): Promise<Account> {
  if (validateUsername(username) !== 'ok') throw new AccountError('invalid_username')
  if (checkPassword(password) !== 'ok') throw new AccountError('invalid_password')
  const key = foldUsername(username)
  // Asked before the password costs its time; the insertion decides.
  if ((await findAccountByKey(db, key)) !== undefined) throw new AccountError('username_taken')
  const account = await insertAccount(db, {
    username: tidyUsername(username),
    username_key: key,
    password_hash: await passwords.hash(password),
    role,
    scopes,
  })
  if (account === undefined) throw new AccountError('username_taken')
  return toAccount(account)
}

async function findRow(
  db: Db,
  by: { id: number } | { username: string },
): Promise<AccountRow | undefined> {
  if ('id' in by) return isRowId(by.id) ? await findAccount(db, by.id) : undefined
  if (validateUsername(by.username) !== 'ok') return undefined
  const row = await findAccountByKey(db, foldUsername(by.username))
  return row?.deleted_at === null ? row : undefined
}

async function applyChange(db: Db, id: number, change: AccountChange): Promise<boolean> {
  if (!isRowId(id)) return false
  const outcome = await changeAccount(db, id, change)
  if (outcome === 'last_admin') throw new AccountError('last_admin')
  return outcome === 'changed'
}

const firstAdmin = 'admin'

async function ensureFirstAdmin({
  db,
  passwords,
}: AccountServiceInput): Promise<{ username: 'admin'; password: string } | undefined> {
  if (await hasAccounts(db)) return undefined
  const password = randomBytes(18).toString('base64url')
  const account = await insertFirstAccount(db, {
    username: firstAdmin,
    username_key: foldUsername(firstAdmin),
    password_hash: await passwords.hash(password),
    role: 'admin',
  })
  return account && { username: firstAdmin, password }
}

const toFoundAccount = (
  row: Parameters<typeof toAccount>[0] & Pick<AccountRow, 'disabled_at'>,
): FoundAccount => ({ ...toAccount(row), disabled: row.disabled_at !== null })
