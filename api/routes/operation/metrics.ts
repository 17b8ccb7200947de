import { Gauge, Registry } from 'prom-client'
import type { Metrics } from '../../../services/adapters/metrics.js'
import type { Db } from '../../../db/database.js'
import { countJobsByStatus } from '../../../db/jobs.js'
import type { Route } from '../../http/route.js'

/** What Prometheus reads: the process's own figures, and the jobs, which are counted when it asks. */
export function createMetricsRoute({ registry }: Metrics, db: Db): Route {
  const jobs = createJobRegistry(db)
  return {
    method: 'get',
    path: '/metrics',
    summary: 'Figures for Prometheus',
    tag: 'Operation',
    access: 'operator',
    success: { description: 'Prometheus text', mediaType: 'text/plain' },
    errors: [],
    handle: async (ctx) => {
      ctx.type = registry.contentType
      ctx.body = await Registry.merge([registry, jobs]).metrics()
    },
  }
}

/** Apart from the process's own registry, which may be shown where nothing asks the database. */
function createJobRegistry(db: Db): Registry {
  const registry = new Registry()
  new Gauge({
    name: 'triagem_jobs',
    help: 'Jobs by state',
    labelNames: ['status'],
    registers: [registry],
    async collect() {
      this.reset()
      // Without the database the process's own figures are needed all the more.
      const counts = await countJobsByStatus(db).catch(() => [])
      for (const { status, count } of counts) this.set({ status }, count)
    },
  })
  return registry
}
