import type { IncomingMessage } from 'node:http'
import type { Middleware } from 'koa'
import type { Config } from '../../config/load-config.js'
import { isLoopback } from '../../config/values.js'
import { commonErrors } from '../http/common-errors.js'
import { ApiError } from '../http/errors.js'

export type OriginSettings = Pick<
  Config,
  'allowedHosts' | 'allowedOrigins' | 'temporalUiOrigins' | 'debug'
>

/** Which names we answer to and which pages may call us; asked by HTTP requests and sockets alike. */
export interface OriginRules {
  /** A DNS name that was pointed at us must not speak as if it were us (DNS rebinding). */
  isOurHost(host: string | undefined): boolean
  /** May a page of this origin change something or open a socket? @param origin undefined where there is none */
  mayChange(origin: string | undefined, host: string | undefined): boolean
  /** May a page of this origin read our answers (CORS)? */
  mayRead(origin: string): boolean
  /** The Temporal UI's own pages, for the codec alone. */
  isTemporalUi(origin: string): boolean
}

export function createOriginRules(settings: OriginSettings): OriginRules {
  const isAllowed = (origin: string) =>
    settings.allowedOrigins.includes(origin) ||
    (settings.debug && URL.canParse(origin) && isLoopback(new URL(origin).hostname))
  return {
    isOurHost: (host) => {
      const name = host === undefined ? undefined : hostName(host)
      return name !== undefined && (isLoopback(name) || settings.allowedHosts.includes(name))
    },
    // No Origin: a script, which carries no person's cookies. `null`: a page that hides where it is from.
    mayChange: (origin, host) =>
      origin === undefined || isAllowed(origin) || isSameHost(origin, host),
    mayRead: isAllowed,
    isTemporalUi: (origin) => settings.temporalUiOrigins.includes(origin),
  }
}

/** Our own pages (the docs): their origin is the host that was called, which isOurHost() has checked. */
function isSameHost(origin: string, host: string | undefined): boolean {
  if (host === undefined || !URL.canParse(origin)) return false
  return new URL(origin).host === host.toLowerCase()
}

function hostName(host: string): string | undefined {
  if (!URL.canParse(`http://${host}`)) return undefined
  const { hostname, username, pathname } = new URL(`http://${host}`)
  return username === '' && pathname === '/' ? hostname : undefined
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])
/** Of methods that change nothing (RFC 9110 section 9.2.1). */
export const isSafeMethod = (method: string): boolean => safeMethods.has(method)

const allowedMethods = 'GET,POST,PUT,DELETE'
const allowedHeaders = 'Authorization,Content-Type,X-API-Key,Idempotency-Key'
const exposedHeaders = 'Retry-After,X-Request-Id'
const preflightSeconds = '600'

/** Host, Origin and CORS, before anything else looks at a request. */
export function createOriginGuard(rules: OriginRules): Middleware {
  return async (ctx, next) => {
    if (hasTwoHosts(ctx.req)) throw new ApiError(commonErrors.two_hosts)
    const host = ctx.req.headers.host
    if (!rules.isOurHost(host)) throw new ApiError(commonErrors.misdirected)
    const origin = ctx.req.headers.origin
    const forCodec = ctx.path.startsWith('/codec/')
    const isUi = origin !== undefined && forCodec && rules.isTemporalUi(origin)
    if (origin !== undefined) {
      ctx.vary('Origin')
      if (isUi || rules.mayRead(origin)) allowReading(ctx.set.bind(ctx), origin)
    }
    if (isPreflight(ctx.method, ctx.req.headers)) {
      ctx.set('Access-Control-Allow-Methods', allowedMethods)
      ctx.set(
        'Access-Control-Allow-Headers',
        isUi ? `${allowedHeaders},X-Namespace` : allowedHeaders,
      )
      ctx.set('Access-Control-Max-Age', preflightSeconds)
      ctx.status = 204
      return
    }
    if (!isSafeMethod(ctx.method) && !isUi && !rules.mayChange(origin, host))
      throw new ApiError(commonErrors.foreign_origin)
    await next()
  }
}

/** A proxy may take the one and Node the other: nobody knows then which name was called (RFC 9112 section 3.2). */
export function hasTwoHosts({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): boolean {
  const isHost = (name: string, place: number) => place % 2 === 0 && /^host$/i.test(name)
  return rawHeaders.filter(isHost).length > 1
}

function allowReading(set: (name: string, value: string) => void, origin: string): void {
  set('Access-Control-Allow-Origin', origin)
  set('Access-Control-Allow-Credentials', 'true')
  set('Access-Control-Expose-Headers', exposedHeaders)
}

function isPreflight(method: string, headers: Record<string, unknown>): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined
}
