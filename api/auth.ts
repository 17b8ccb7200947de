import { createHash, timingSafeEqual } from 'node:crypto'
import type { Context, Middleware } from 'koa'
import type { Config, Scope } from '../config.js'
import { ApiError } from './errors.js'
import type { Access } from './route.js'

/** Who calls: what they may do, and a name for them that is no secret. */
export interface Caller {
  readonly scopes: readonly Scope[]
  /** `open` for everybody without a key; else stands for one key. */
  readonly id: string
}

export type Authenticate = (ctx: Context) => Caller

type AuthSettings = Pick<Config, 'apiKeys' | 'anonymous' | 'openOnLoopback'>

const everyScope: readonly Scope[] = ['classify', 'finance', 'chat', 'mailbox', 'operator']

/**
 * Tells callers by their API key (`X-API-Key`, or `Authorization: Bearer`). Without one they may do what
 * is open: all on loopback while no key is set, the groups of ALLOW_ANONYMOUS elsewhere.
 *
 * @returns a function that throws ApiError 401 for a key that is not known
 */
export function createAuthenticate(config: AuthSettings): Authenticate {
  const keys = config.apiKeys.map((key) => ({ ...key, digest: sha256(key.secret) }))
  const open: Caller = {
    id: 'open',
    scopes: config.openOnLoopback ? everyScope : config.anonymous,
  }
  return (ctx) => {
    const secret = readSecret(ctx)
    // Where no key is set, one that a client happens to send is neither right nor wrong.
    if (secret === undefined || config.openOnLoopback) return open
    const digest = sha256(secret)
    // Every key is compared, in constant time, so that the time says nothing about which came close.
    const matches = keys.filter((key) => timingSafeEqual(key.digest, digest))
    const key = matches[0]
    if (key === undefined) throw new ApiError(401, 'unauthorized')
    return { id: key.digest.toString('hex').slice(0, 16), scopes: key.scopes }
  }
}

/** Lets through who may call, and leaves the caller in `ctx.state.caller`. */
export function requireAccess(access: Access, authenticate: Authenticate): Middleware {
  return async (ctx, next) => {
    if (access === 'public' || access === 'capability') {
      await next()
      return
    }
    const caller = authenticate(ctx)
    if (!caller.scopes.includes(access))
      throw caller.id === 'open'
        ? new ApiError(401, 'unauthorized')
        : new ApiError(403, 'forbidden')
    ctx.state['caller'] = caller
    await next()
  }
}

/** Whether this request comes from an operator; a wrong key is a no here. */
export function isOperator(ctx: Context, authenticate: Authenticate): boolean {
  try {
    return authenticate(ctx).scopes.includes('operator')
  } catch {
    return false
  }
}

export const getCaller = (ctx: Context): Caller => ctx.state['caller'] as Caller

function readSecret(ctx: Context): string | undefined {
  const key = ctx.get('X-API-Key')
  if (key !== '') return key
  const bearer = /^bearer +(\S+)$/i.exec(ctx.get('Authorization'))
  return bearer?.[1]
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()
