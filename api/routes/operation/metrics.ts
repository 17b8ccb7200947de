import { Gauge } from 'prom-client'
import type { Metrics } from '../../../services/adapters/metrics.js'
import type { Db } from '../../../db/database.js'
import { classificationKind } from '../../../db/classifications.js'
import { countRuns } from '../../../db/runs.js'
import { toJobStatus } from '../email-classification/job-state.js'
import type { Route } from '../../http/route.js'

/** What Prometheus reads; the runs are counted when it asks. */
export function createMetricsRoute({ registry }: Metrics, db: Db): Route {
  new Gauge({
    name: 'triagem_runs',
    help: 'Runs by kind and state',
    labelNames: ['kind', 'status'],
    registers: [registry],
    async collect() {
      this.reset()
      // Without the database the process's own figures are wanted all the more.
      const counts = await countRuns(db).catch(() => [])
      for (const { kind, status, count } of counts) this.inc({ kind, status }, count)
    },
  })
  new Gauge({
    name: 'triagem_jobs',
    help: 'Classifications by the state that their clients see',
    labelNames: ['status'],
    registers: [registry],
    async collect() {
      this.reset()
      const counts = await countRuns(db).catch(() => [])
      for (const { kind, step, count } of counts)
        if (kind === classificationKind) this.inc({ status: toJobStatus(step) }, count)
    },
  })
  return {
    method: 'get',
    path: '/metrics',
    summary: 'Figures for Prometheus',
    tag: 'Operation',
    access: 'operator',
    success: { description: 'Prometheus text', mediaType: 'text/plain' },
    errors: {},
    handle: async (ctx) => {
      ctx.type = registry.contentType
      ctx.body = await registry.metrics()
    },
  }
}
