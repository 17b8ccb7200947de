import type { Context } from 'koa'
import { isSafeMethod } from './guards.js'
import type { OriginRules } from './origin.js'
import { sessionCookie } from './session-cookie.js'

/** What a request shows to say who sends it. */
export interface Credential {
  readonly kind: 'key' | 'bearer' | 'cookie'
  readonly secret: string
}

/** X-API-Key, else `Authorization: Bearer`, else the session cookie where no other page can have sent it. */
export function findCredential(ctx: Context, origins: OriginRules): Credential | undefined {
  const key = ctx.get('X-API-Key')
  if (key !== '') return { kind: 'key', secret: key }
  const bearer = /^bearer +(\S+)$/i.exec(ctx.get('Authorization'))?.[1]
  if (bearer !== undefined) return { kind: 'bearer', secret: bearer }
  const cookie = ctx.cookies.get(sessionCookie)
  if (cookie === undefined || cookie === '' || !mayUseCookie(ctx, origins)) return undefined
  return { kind: 'cookie', secret: cookie }
}

/**
 * A browser adds the cookie whichever page asks. Answers to others' pages can't be read (CORS), so only
 * what changes something needs an Origin, and one that is ours: see guards.ts.
 */
function mayUseCookie(ctx: Context, origins: OriginRules): boolean {
  if (isSafeMethod(ctx.method)) return true
  const { host, origin } = ctx.req.headers
  if (origin === undefined) return false
  return (
    origins.mayChange(origin, host) ||
    (ctx.path.startsWith('/codec/') && origins.isTemporalUi(origin))
  )
}
