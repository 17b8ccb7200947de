import type { Context } from 'koa'
import { isSafeMethod, type OriginRules } from './origin.js'

/** Carries the token of who signed in on a page of this server. */
export const sessionCookie = 'triagem_session'

/** No script reads it, and no other site's page sends it along with what changes something. */
const attributes = { httpOnly: true, sameSite: 'lax', path: '/', overwrite: true } as const

/** @returns undefined where there is none */
export const findSessionCookie = (ctx: Context): string | undefined =>
  ctx.cookies.get(sessionCookie) || undefined

/** Secure where the request came by TLS (behind a trusted proxy: as that says). */
export function setSessionCookie(ctx: Context, token: string, lifetimeMinutes: number): void {
  ctx.cookies.set(sessionCookie, token, { ...attributes, maxAge: lifetimeMinutes * 60_000 })
}

export function clearSessionCookie(ctx: Context): void {
  ctx.cookies.set(sessionCookie, null, attributes)
}

/** What a request shows to say who sends it. */
export interface Credential {
  readonly kind: 'key' | 'bearer' | 'cookie'
  readonly secret: string
}

/** X-API-Key, else `Authorization: Bearer`, else the session cookie where no other page can have sent it. */
export function findCredential(ctx: Context, origins: OriginRules): Credential | undefined {
  const key = ctx.get('X-API-Key')
  if (key !== '') return { kind: 'key', secret: key }
  const authorization = ctx.get('Authorization')
  // Of another scheme, or without a token, it is a credential all the same: one that is not good.
  if (authorization !== '')
    return { kind: 'bearer', secret: /^bearer +(\S+)$/i.exec(authorization)?.[1] ?? '' }
  const cookie = findSessionCookie(ctx)
  if (cookie === undefined || !mayUseCookie(ctx, origins)) return undefined
  return { kind: 'cookie', secret: cookie }
}

/** Whether a session cookie came that does not count, because the request has no Origin. */
export const lacksOrigin = (ctx: Context): boolean =>
  !isSafeMethod(ctx.method) &&
  ctx.req.headers.origin === undefined &&
  findSessionCookie(ctx) !== undefined

/**
 * A browser adds the cookie whichever page asks. Answers to others' pages can't be read (CORS), so only
 * what changes something needs an Origin, and one that is ours: see origin.ts.
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
