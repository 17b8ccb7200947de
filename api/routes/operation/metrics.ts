import { Gauge, Registry } from 'prom-client'
import type { Metrics } from '../../../services/adapters/metrics.js'
import type { Db } from '../../../db/database.js'
import { classificationKind } from '../../../db/classifications.js'
import { countRuns } from '../../../db/runs.js'
import { toJobStatus } from '../email-classification/job-state.js'
import type { Route } from '../../http/route.js'

/** What Prometheus reads: the process's own figures, and the runs, which are counted when it asks. */
export function createMetricsRoute({ registry }: Metrics, db: Db): Route {
  const runs = createRunRegistry(db)
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
      ctx.body = await Registry.merge([registry, runs]).metrics()
    },
  }
}

/** Apart from the process's own registry, which may be shown where nothing asks the database. */
function createRunRegistry(db: Db): Registry {
  const registry = new Registry()
  let counting: ReturnType<typeof countRuns> | undefined
  /** Once for both figures, which are collected side by side. */
  const count = () =>
    (counting ??= countRuns(db)
      // Without the database the process's own figures are needed all the more.
      .catch(() => [])
      .finally(() => (counting = undefined)))
  new Gauge({
    name: 'triagem_runs',
    help: 'Runs by kind and state',
    labelNames: ['kind', 'status'],
    registers: [registry],
    async collect() {
      this.reset()
      for (const { kind, status, count: runs } of await count()) this.inc({ kind, status }, runs)
    },
  })
  new Gauge({
    name: 'triagem_jobs',
    help: 'Classifications by the state that their clients see',
    labelNames: ['status'],
    registers: [registry],
    async collect() {
      this.reset()
      for (const { kind, step, count: runs } of await count())
        if (kind === classificationKind) this.inc({ status: toJobStatus(step) }, runs)
    },
  })
  return registry
}
