import Router from '@koa/router'
import type { PayloadCodec } from '@temporalio/common'
import Koa from 'koa'
import type { Logger } from 'pino'
import type { AccountDesk } from '../activities/accounts/account-desk.js'
import type { Metrics } from '../activities/adapters/metrics.js'
import type { JobDesk } from '../activities/email/job-desk.js'
import type { MessageDesk } from '../activities/messages/message-desk.js'
import type { ModelDesk } from '../activities/models/model-desk.js'
import type { Config } from '../config.js'
import type { OpenDatabase } from '../db/database.js'
import type { KeyedHash, KeyRing } from '../db/key-ring.js'
import { type AuditLog, createAuditLog } from './audit-log.js'
import { type Authenticate, createAuthenticate } from './auth.js'
import { createBodyReader } from './body.js'
import { bytesType, createBytesReader } from './bytes-body.js'
import { createErrorHandler } from './errors.js'
import { createOriginGuard } from './guards.js'
import { createOpenApi } from './openapi.js'
import type { OriginRules } from './origin.js'
import { createPostLimit } from './rate-limits.js'
import { createRequestLog } from './request-log.js'
import { requireAccess } from './require-access.js'
import { createFindClaims, requireClaims } from './require-claims.js'
import type { Route } from './route.js'
import { createAccountRoutes } from './routes/accounts.js'
import { createApiKeyRoutes } from './routes/api-keys.js'
import { createAuditRoute } from './routes/audit.js'
import { createClassificationRoutes } from './routes/classification.js'
import { createCodecRoute } from './routes/codec.js'
import { createDocsRoutes } from './routes/docs.js'
import { createHealthRoute } from './routes/health.js'
import { createMetricsRoute } from './routes/metrics.js'
import { createMessageRoutes } from './routes/messages.js'
import { createModelRoutes } from './routes/models.js'
import { createSignInRoutes } from './routes/sign-in.js'
import { createSecurityHeaders } from './security-headers.js'

export interface AppInput {
  readonly config: Config
  readonly version: string
  readonly log: Logger
  readonly database: OpenDatabase
  readonly keys: KeyRing
  readonly hash: KeyedHash
  readonly metrics: Metrics
  readonly jobs: JobDesk
  readonly accounts: AccountDesk
  readonly messages: MessageDesk
  readonly models: ModelDesk
  /** The key of this machine's own command line, where there is one. */
  readonly localKey?: string | undefined
  readonly codec: PayloadCodec
  readonly origins: OriginRules
  readonly checkTemporal: () => Promise<{ temporal: boolean; workers: boolean }>
}

/** The HTTP half of the product: guards first, then the routes. */
export function createApp(input: AppInput): Koa {
  const { config, database, log, metrics } = input
  const authenticate = createAuthenticate(input)
  const audit = createAuditLog({ db: database.db, hash: input.hash, log })
  const app = new Koa({ proxy: config.trustedProxies > 0, maxIpsCount: config.trustedProxies })
  const router = new Router()
  const findClaims = createFindClaims(input)
  for (const route of createRoutes(input, authenticate, audit)) {
    const checkAccess = requireAccess(route.access, authenticate, audit)
    const isChecking = route.checksAccount === true
    register(router, route, isChecking ? requireClaims(findClaims, checkAccess) : checkAccess)
  }
  // A connection that broke under an answer. The error holds what was sent, so only its code is told.
  app.on('error', (error: NodeJS.ErrnoException) =>
    log.info({ code: error.code }, 'A connection broke.'),
  )
  app.use(createRequestLog(log, metrics))
  app.use(createSecurityHeaders())
  app.use(createErrorHandler(log))
  app.use(createOriginGuard(input.origins))
  app.use(
    createPostLimit({
      pool: database.pool,
      hash: input.hash,
      perMinute: config.postLimitPerMinute,
      authenticate,
      findClaims,
    }),
  )
  app.use(router.routes())
  app.use(router.allowedMethods())
  return app
}

function register(router: Router, route: Route, checkAccess: Koa.Middleware): void {
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
function bodyReaders({ request, maxBodyBytes }: Route): Koa.Middleware[] {
  if (request === undefined) return []
  return [bytesType in request ? createBytesReader(maxBodyBytes) : createBodyReader(maxBodyBytes)]
}

function createRoutes(input: AppInput, authenticate: Authenticate, audit: AuditLog): Route[] {
  const { version, metrics, codec, database, accounts, config } = input
  const { db } = database
  const work: Route[] = [
    ...createClassificationRoutes({ ...input, db }),
    ...createSignInRoutes({ accounts, audit, lifetimeMinutes: config.accessTokenMinutes }),
    ...createAccountRoutes({ accounts, audit, authenticate, registration: config.registration }),
    ...createMessageRoutes({ desk: input.messages }),
    ...createApiKeyRoutes({ accounts, audit }),
    ...createModelRoutes({ models: input.models, audit }),
    createAuditRoute(db),
    createHealthRoute({ ...input, db, authenticate }),
    createMetricsRoute(metrics, db),
    createCodecRoute(codec),
  ]
  const description = createOpenApi(work, version)
  return [
    ...createDocsRoutes({ version, describe: () => description, routes: () => work }),
    ...work,
  ]
}
