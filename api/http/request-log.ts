import { randomUUID } from 'node:crypto'
import type { Middleware } from 'koa'
import type { Logger } from 'pino'
import type { Metrics } from '../../services/adapters/metrics.js'

type Observer = ReturnType<Metrics['requestSeconds']['labels']>

/** Routes, methods and statuses are few. */
const maxMeasurements = 1_000
const requestIdPattern = /^[\w-]{8,64}$/

/**
 * Gives each request an id (its own X-Request-Id where that is harmless), one log line and one
 * measurement. The line names the route's pattern, never the path: a job's uuid is a capability.
 */
export function createRequestLog(log: Logger, { requestSeconds }: Metrics): Middleware {
  /** Finding a histogram by its labels takes longer than observing. */
  const measurements = new Map<string, Observer>()
  const measure = (method: string, route: string, status: string): Observer => {
    const name = `${method} ${status} ${route}`
    const known = measurements.get(name) ?? requestSeconds.labels({ method, route, status })
    if (measurements.size < maxMeasurements) measurements.set(name, known)
    return known
  }
  return async (ctx, next) => {
    const sent = ctx.get('X-Request-Id')
    const requestId = requestIdPattern.test(sent) ? sent : randomUUID()
    ctx.state['requestId'] = requestId
    ctx.set('X-Request-Id', requestId)
    const startedAt = performance.now()
    try {
      await next()
    } finally {
      const milliseconds = performance.now() - startedAt
      const route = (ctx.state['route'] as string | undefined) ?? 'none'
      measure(ctx.method, route, String(ctx.status)).observe(milliseconds / 1000)
      log.info(
        { requestId, method: ctx.method, route, status: ctx.status, ms: Math.round(milliseconds) },
        'request',
      )
    }
  }
}
