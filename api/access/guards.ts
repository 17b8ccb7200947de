import type { IncomingMessage } from 'node:http'
import type { Middleware } from 'koa'
import { ApiError } from '../http/errors.js'
import type { OriginRules } from './origin.js'
import { commonErrors } from '../http/common-errors.js'

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
