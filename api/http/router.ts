import Router from '@koa/router'
import type { Middleware } from 'koa'
import type { AccessControl } from '../access/access-control.js'
import type { FreeDisk } from '../../services/housekeeping/free-disk.js'
import { requireAccess, requireClaims } from '../access/require-access.js'
import { createBodyReader } from './body.js'
import { bytesType, createBytesReader } from './bytes-body.js'
import { commonErrors } from './common-errors.js'
import { ApiError } from './errors.js'
import type { Route } from './route.js'

/** Serves the routes: each asks who calls, then reads its body, then does its work. */
export function createRouter(
  routes: readonly Route[],
  access: AccessControl,
  disk: Pick<FreeDisk, 'isLow'>,
): Router {
  const router = new Router()
  const requireRoom = createRequireRoom(disk)
  const { authenticate, findClaims, audit } = access
  for (const route of routes) {
    const checkAccess = requireAccess(route.access, authenticate, audit)
    const { checksAccount = false } = route
    register(router, route, [
      checksAccount ? requireClaims(findClaims, checkAccess) : checkAccess,
      ...(route.takesRoom === true ? [requireRoom] : []),
    ])
  }
  // After all others: the first route that answers is the last that is asked.
  for (const route of routes) registerSlashless(router, route)
  return router
}

/** Reading and finishing go on: what is there must be able to leave. */
const createRequireRoom =
  (disk: Pick<FreeDisk, 'isLow'>): Middleware =>
  async (_ctx, next) => {
    if (await disk.isLow()) throw new ApiError(commonErrors.disk_low)
    await next()
  }

function register(router: Router, route: Route, checks: readonly Middleware[]): void {
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
      ...checks,
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
