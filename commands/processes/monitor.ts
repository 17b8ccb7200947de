import Koa from 'koa'
import { createErrorHandler } from '../../api/http/errors.js'
import { listen } from '../../api/http/server.js'
import { requireAccess } from '../../api/access/require-access.js'
import { countOpenRuns } from '../../db/runs.js'
import type { Dependencies } from './dependencies.js'
import type { Lifecycle } from './lifecycle.js'
import { openAccounts } from './open-accounts.js'
import { openAccess } from './subjects.js'

/**
 * `/health` and, for operators, `/metrics` of a process that has no HTTP of its own, on METRICS_PORT
 * where that is set.
 *
 * @param isWorking what the process itself thinks
 * @param more what `/health` says besides
 */
export async function openMonitor(
  lifecycle: Lifecycle,
  dependencies: Dependencies,
  isWorking: () => boolean,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { config, log, metrics, database } = dependencies
  if (config.metricsPort === undefined) return
  const app = new Koa()
  const { authenticate, audit } = openAccess(dependencies, openAccounts(dependencies))
  const requireOperator = requireAccess('operator', authenticate, audit)
  app.use(createErrorHandler(log))
  app.use(async (ctx) => {
    if (ctx.path === '/health') {
      const reachable = await countOpenRuns(database.db).then(
        () => true,
        () => false,
      )
      const healthy = reachable && isWorking()
      ctx.status = healthy ? 200 : 503
      ctx.body = { status: healthy ? 'healthy' : 'unhealthy', ...more }
    } else if (ctx.path === '/metrics') {
      await requireOperator(ctx, async () => {
        ctx.type = metrics.registry.contentType
        ctx.body = await metrics.registry.metrics()
      })
    }
  })
  const server = await listen({
    app,
    host: config.host,
    port: config.metricsPort,
    tunnel: undefined,
  })
  lifecycle.opened('monitor', server, () => server.close())
}
