import Router from '@koa/router'
import type { PayloadCodec } from '@temporalio/common'
import Koa from 'koa'
import type { Logger } from 'pino'
import type { Metrics } from '../activities/adapters/metrics.js'
import type { JobDesk } from '../activities/email/job-desk.js'
import type { Config } from '../config.js'
import type { OpenDatabase } from '../db/database.js'
import type { KeyedHash, KeyRing } from '../db/key-ring.js'
import { createAuthenticate, requireAccess } from './auth.js'
import { createBodyReader } from './body.js'
import { createErrorHandler } from './errors.js'
import { createOriginGuard } from './guards.js'
import { createOpenApi } from './openapi.js'
import type { OriginRules } from './origin.js'
import { createPostLimit } from './rate-limits.js'
import { createRequestLog } from './request-log.js'
import type { Route } from './route.js'
import { createClassificationRoutes } from './routes/classification.js'
import { createCodecRoute } from './routes/codec.js'
import { createDocsRoutes } from './routes/docs.js'
import { createHealthRoute } from './routes/health.js'
import { createMetricsRoute } from './routes/metrics.js'
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
  readonly codec: PayloadCodec
  readonly origins: OriginRules
  readonly checkTemporal: () => Promise<{ temporal: boolean; workers: boolean }>
}

/** The HTTP half of the product: guards first, then the routes. */
export function createApp(input: AppInput): Koa {
  const { config, database, log, metrics } = input
  const authenticate = createAuthenticate(config)
  const app = new Koa({ proxy: config.trustedProxies > 0, maxIpsCount: config.trustedProxies })
  const readBody = createBodyReader()
  const router = new Router()
  for (const route of createRoutes(input, authenticate)) {
    router.register(
      route.path,
      [route.method],
      [
        async (ctx, next) => {
          ctx.state['route'] = route.path
          await next()
        },
        requireAccess(route.access, authenticate),
        ...(route.request === undefined ? [] : [readBody]),
        (ctx) => route.handle(ctx),
      ],
    )
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
    }),
  )
  app.use(router.routes())
  app.use(router.allowedMethods())
  return app
}

function createRoutes(
  input: AppInput,
  authenticate: ReturnType<typeof createAuthenticate>,
): Route[] {
  const { version, metrics, codec, database } = input
  const { db } = database
  const work: Route[] = [
    ...createClassificationRoutes({ ...input, db }),
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
