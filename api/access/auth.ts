import { createHash, timingSafeEqual } from 'node:crypto'
import type { Context } from 'koa'
import type { Account } from '../../services/accounts/account.js'
import type { AccountService } from '../../services/accounts/account-service.js'
import type { Config } from '../../config/load-config.js'
import { openScopes, type Scope, scopes } from '../../config/access.js'
import { clearSessionCookie, type Credential, findCredential } from './credentials.js'
import { ApiError } from '../http/errors.js'
import type { OriginRules } from './origin.js'
import { commonErrors } from '../http/common-errors.js'

/** Who calls: what they may do, and a name for them that is no secret. */
export interface Caller {
  readonly scopes: readonly Scope[]
  /** `open` without a key or a sign-in; else `setting:1a2b…`, `key:3`, `account:7` or `local`. */
  readonly id: string
  /** Who signed in; a key is nobody. */
  readonly account?: Account
}

/** @throws ApiError 401 for a key, a token or a session cookie that is not good */
export type Authenticate = (ctx: Context) => Promise<Caller>

export interface AuthenticateInput {
  readonly config: Pick<Config, 'apiKeys' | 'anonymous' | 'openOnLoopback'>
  readonly accounts: Pick<AccountService, 'authenticate' | 'authenticateKey'>
  readonly origins: OriginRules
  /** The key of this machine's own command line: it may do all that needs no account. */
  readonly localKey?: string | undefined
}

/** What keys in the database begin with: nothing else is looked up there. */
const storedKeyPrefix = 'trg_'

/**
 * Tells callers by their API key, their token or their session cookie. Without one they may do what is
 * open: what no operator's scope is needed for on loopback while no key is set, the groups of
 * ALLOW_ANONYMOUS elsewhere. A credential that is not good is refused, and one of few scopes opens no more
 * than these: what is open to who shows nothing is not open to who shows something else. A request is
 * asked about once, however often that is wanted to know.
 */
export function createAuthenticate(input: AuthenticateInput): Authenticate {
  const { config } = input
  const open: Caller = {
    id: 'open',
    scopes: config.openOnLoopback ? openScopes : config.anonymous,
  }
  const identify = createIdentify(input)
  const authenticate = async (ctx: Context): Promise<Caller> => {
    const credential = findCredential(ctx, input.origins)
    if (credential === undefined) return open
    const caller = await identify(credential)
    if (caller !== undefined) return caller
    // The browser would send it for as long as it is kept, and be refused what is open to others.
    if (credential.kind === 'cookie') clearSessionCookie(ctx)
    throw new ApiError(commonErrors.unauthorized)
  }
  return (ctx) => {
    const asked = ctx.state['authentication'] as Promise<Caller> | undefined
    if (asked !== undefined) return asked
    const answer = authenticate(ctx)
    ctx.state['authentication'] = answer
    return answer
  }
}

/** Gives who shows a credential; undefined for one that is not good. */
function createIdentify(
  input: AuthenticateInput,
): (credential: Credential) => Promise<Caller | undefined> {
  const { accounts } = input
  const findKnownKey = createKnownKeys(input)
  return async ({ kind, secret }) => {
    const known = kind === 'cookie' ? undefined : findKnownKey(secret)
    if (known !== undefined) return known
    if (kind !== 'key' && isToken(secret)) {
      const account = await accounts.authenticate(secret)
      return account && toCaller(account)
    }
    if (kind === 'cookie' || !secret.startsWith(storedKeyPrefix)) return undefined
    const key = await accounts.authenticateKey(secret)
    return key && { id: `key:${key.id}`, scopes: key.scopes }
  }
}

/** Whether this caller may manage accounts and keys. */
export const isAdmin = ({ id, account }: Caller): boolean =>
  id === localCallerId || account?.role === 'admin'

/** Who calls as far as that is known; a credential that is not good is none here. */
export async function findCaller(
  ctx: Context,
  authenticate: Authenticate,
): Promise<Caller | undefined> {
  try {
    return await authenticate(ctx)
  } catch {
    return undefined
  }
}

/** Who called a route that is not public. */
export const getCaller = (ctx: Context): Caller => ctx.state['caller'] as Caller

/** @throws ApiError 401 where who called is no account */
export function getAccount(ctx: Context): Account {
  const { account } = getCaller(ctx)
  if (account === undefined) throw new ApiError(commonErrors.sign_in_required)
  return account
}

export const localCallerId = 'local'

const toCaller = (account: Account): Caller => ({
  id: accountCallerId(account.id),
  scopes: account.scopes,
  account,
})

export const accountCallerId = (accountId: number): string => `account:${accountId}`

/** The keys of the settings, and the local one. */
function createKnownKeys({
  config,
  localKey,
}: AuthenticateInput): (secret: string) => Caller | undefined {
  const known = config.apiKeys.map(({ secret, scopes }) => {
    const digest = sha256(secret)
    return { digest, caller: { id: `setting:${digest.toString('hex').slice(0, 16)}`, scopes } }
  })
  const local =
    localKey === undefined
      ? []
      : [{ digest: sha256(localKey), caller: { id: localCallerId, scopes } }]
  const keys = [...local, ...known]
  return (secret) => {
    const digest = sha256(secret)
    // Every key is compared, in constant time, so that the time says nothing about which came close.
    return keys.filter((key) => timingSafeEqual(key.digest, digest))[0]?.caller
  }
}

/** A JWT has three parts, and a key in the database no dot. */
export const isToken = (secret: string): boolean => secret.split('.').length === 3

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()
