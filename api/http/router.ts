import Router from '@koa/router'
import type { Middleware } from 'koa'
import type { AccessControl } from '../access/access-control.js'
import { requireAccess, requireClaims } from '../access/require-access.js'
import { createBodyReader } from './body.js'
import { bytesType, createBytesReader } from './bytes-body.js'
import type { Route } from './route.js'

/** Serves the routes: each asks who calls, then reads its body, then does its work. */
export function createRouter(routes: readonly Route[], access: AccessControl): Router {
  const router = new Router()
  const { authenticate, findClaims, audit } = access
  for (const route of routes) {
    const checkAccess = requireAccess(route.access, authenticate, audit)
    const { checksAccount = false } = route
    register(router, route, checksAccount ? requireClaims(findClaims, checkAccess) : checkAccess)
  }
  return router
}

function register(router: Router, route: Route, checkAccess: Middleware): void {
  const { path, exactSlash = false } = route
  router.register(
    // The router takes a final slash that a path lacks, not one less than it has.
    exactSlash || path === '/' ? path : path.replace(/\/$/, ''),
    [route.method],
    [
      async (ctx, next) => {
        ctx.state['route'] = path
        ctx.state['problemsAs'] = route.problemsAs
        await next()
      },
      checkAccess,
      ...bodyReaders(route),
      (ctx) => route.handle(ctx),
    ],
    { strict: exactSlash },
  )
}

/** What reads a route's body, if it takes one. */
function bodyReaders({ request, maxBodyBytes }: Route): Middleware[] {
  if (request === undefined) return []
  return [bytesType in request ? createBytesReader(maxBodyBytes) : createBodyReader(maxBodyBytes)]
}
