import Router from '@koa/router'
import type { Middleware } from 'koa'
import type { AccessControl } from '../access/access-control.js'
import { requireAccess } from '../access/require-access.js'
import { requireClaims } from '../access/require-claims.js'
import { createBodyReader } from './body.js'
import { bytesType, createBytesReader } from './bytes-body.js'
import { ApiError } from './errors.js'
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
  // After all others: the first route that answers is the last that is asked.
  for (const route of routes) registerSlashless(router, route)
  return router
}

function register(router: Router, route: Route, checkAccess: Middleware): void {
  const { path } = route
  const exactSlash = route.exactSlash !== undefined
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

/** Who leaves out a final slash that counts is told so, where no other route answers there. */
function registerSlashless(router: Router, { method, path, exactSlash }: Route): void {
  if (exactSlash === undefined) return
  router.register(
    path.replace(/\/$/, ''),
    [method],
    [
      () => {
        throw new ApiError(exactSlash)
      },
    ],
    { strict: true },
  )
}

/** What reads a route's body, if it takes one. */
function bodyReaders({ request, maxBodyBytes, maxJsonItems }: Route): Middleware[] {
  if (request === undefined) return []
  return [
    bytesType in request
      ? createBytesReader(maxBodyBytes)
      : createBodyReader(maxBodyBytes, maxJsonItems),
  ]
}
