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
  return (ctx, next) => {
    setHeaders(ctx.req, ctx.res, () => undefined)
    return next()
  }
}
