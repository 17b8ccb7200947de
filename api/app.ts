import Koa from 'koa'
import type { Logger } from 'pino'
import type { Config } from '../config/load-config.js'
import type { OpenDatabase } from '../db/database.js'
import type { KeyedHash } from '../db/key-ring.js'
import type { FreeDisk } from '../services/housekeeping/free-disk.js'
import type { Metrics } from '../services/adapters/metrics.js'
import type { AccessControl } from './access/access-control.js'
import { createOriginGuard } from './access/origin.js'
import { createErrorHandler } from './http/errors.js'
import { createOpenApi } from './http/openapi.js'
import { createPostLimit } from './http/rate-limits.js'
import { createRequestLog } from './http/request-log.js'
import { createRouter } from './http/router.js'
import { createSecurityHeaders } from './http/security-headers.js'
import { createUpgradeRequired } from './http/upgrade-required.js'
import { createDocsRoutes } from './routes/docs/docs.js'
import type { ServedSubject } from './subject.js'
import type { ErrorTable } from './http/common-errors.js'

export interface AppInput {
  readonly config: Pick<Config, 'trustedProxies' | 'postLimitPerMinute'>
  readonly version: string
  readonly log: Logger
  readonly database: Pick<OpenDatabase, 'pool'>
  readonly hash: KeyedHash
  readonly metrics: Metrics
  readonly access: AccessControl
  readonly disk: FreeDisk
  /** Of all subjects. */
  readonly errors: readonly ErrorTable[]
  readonly served: readonly ServedSubject[]
}

/**
 * The HTTP half of the product: guards first, then the subjects' routes, and their description.
 *
 * @throws Error where two subjects declare the same error
 */
export function createApp(input: AppInput): Koa {
  const { config, version, log, metrics, access } = input
  const routes = input.served.flatMap((subject) => subject.routes)
  const description = createOpenApi(routes, version)
  const docs = createDocsRoutes({ version, describe: () => description, routes: () => routes })
  const router = createRouter([...docs, ...routes], access, input.disk)
  const app = new Koa({ proxy: config.trustedProxies > 0, maxIpsCount: config.trustedProxies })
  // A connection that broke under an answer. The error holds what was sent, so only its code is logged.
  app.on('error', (error: NodeJS.ErrnoException) =>
    log.info({ code: error.code }, 'A connection broke.'),
  )
  app.use(createRequestLog(log, metrics))
  app.use(createSecurityHeaders())
  app.use(createErrorHandler(log, input.errors, input.disk))
  app.use(createOriginGuard(access.origins))
  app.use(createUpgradeRequired())
  app.use(
    createPostLimit({
      pool: input.database.pool,
      hash: input.hash,
      perMinute: config.postLimitPerMinute,
      access,
    }),
  )
  app.use(router.routes())
  app.use(router.allowedMethods())
  return app
}
