import type { Context } from 'koa'

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
