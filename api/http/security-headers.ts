import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import helmet from 'helmet'
import type { Middleware } from 'koa'

/** helmet's headers; Swagger UI styles itself inline, and everything else comes from this server. */
const setHeaders = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:'],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
  },
  // TLS, and what it promises for a whole domain, is the proxy's.
  strictTransportSecurity: false,
  // The pages of FRONTEND_URL are elsewhere and read our answers; CORS says which may.
  crossOriginResourcePolicy: { policy: 'cross-origin' },
})

export function createSecurityHeaders(): Middleware {
  const headers = Object.entries(readHeaders())
  return (ctx, next) => {
    for (const [name, value] of headers) if (value !== undefined) ctx.res.setHeader(name, value)
    return next()
  }
}

/** They are the same for every answer: helmet, which works each of them out anew, is asked once. */
function readHeaders(): ReturnType<ServerResponse['getHeaders']> {
  const request = new IncomingMessage(new Socket())
  const response = new ServerResponse(request)
  setHeaders(request, response, () => undefined)
  return response.getHeaders()
}
