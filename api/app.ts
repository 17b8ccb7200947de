import Router from '@koa/router'
import type { PayloadCodec } from '@temporalio/common'
import Koa from 'koa'
import type { Logger } from 'pino'
import type { AccountService } from '../services/accounts/account-service.js'
import type { Metrics } from '../services/adapters/metrics.js'
import type { JobService } from '../services/runs/job-service.js'
import type { InternalMailService } from '../services/internal-mail/internal-mail-service.js'
import type { ModelService } from '../services/models/model-service.js'
import type { Config } from '../config/load-config.js'
import type { OpenDatabase } from '../db/database.js'
import type { KeyedHash, KeyRing } from '../db/key-ring.js'
import { type AuditLog, createAuditLog } from './access/audit-log.js'
import { type Authenticate, createAuthenticate } from './access/auth.js'
import { createBodyReader } from './http/body.js'
import { bytesType, createBytesReader } from './http/bytes-body.js'
import { createErrorHandler } from './http/errors.js'
import { createOriginGuard } from './access/guards.js'
import { createOpenApi } from './http/openapi.js'
import type { OriginRules } from './access/origin.js'
import { createPostLimit } from './http/rate-limits.js'
import { createRequestLog } from './http/request-log.js'
import { requireAccess } from './access/require-access.js'
import { createFindClaims, requireClaims } from './access/require-claims.js'
import type { Route } from './http/route.js'
import { createAccountRoutes } from './routes/accounts/accounts.js'
import { createApiKeyRoutes } from './routes/accounts/api-keys.js'
import { createAuditRoute } from './routes/operation/audit.js'
import { createClassificationRoutes } from './routes/email-classification/classification.js'
import { createCodecRoute } from './routes/operation/codec.js'
import { createDocsRoutes } from './routes/docs/docs.js'
import { createHealthRoute } from './routes/operation/health.js'
import { createMetricsRoute } from './routes/operation/metrics.js'
import { createMessageRoutes } from './routes/internal-mail/messages.js'
import { createModelRoutes } from './routes/models/models.js'
import { createSignInRoutes } from './routes/accounts/sign-in.js'
import { accountErrors } from './routes/accounts/errors.js'
import { classificationErrors } from './routes/email-classification/errors.js'
import { internalMailErrors } from './routes/internal-mail/errors.js'
import { modelErrors } from './routes/models/errors.js'
import { createSecurityHeaders } from './http/security-headers.js'

export interface AppInput {
  readonly config: Config
  readonly version: string
  readonly log: Logger
  readonly database: OpenDatabase
  readonly keys: KeyRing
  readonly hash: KeyedHash
  readonly metrics: Metrics
  readonly jobs: JobService
  readonly accounts: AccountService
  readonly messages: InternalMailService
  readonly models: ModelService
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
  app.use(
    createErrorHandler(log, [accountErrors, classificationErrors, internalMailErrors, modelErrors]),
  )
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
    ...createMessageRoutes({ service: input.messages }),
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
