import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** What a process measures of itself for Prometheus; event-loop delay and memory are among the defaults. */
export interface Metrics {
  readonly registry: Registry
  /** Seconds of one attempt of an activity. */
  readonly stepSeconds: Histogram<'step' | 'outcome'>
  /** Seconds of one HTTP request, by route pattern, never by its path. */
  readonly requestSeconds: Histogram<'method' | 'route' | 'status'>
  readonly sockets: Gauge<'path'>
  /** Seconds for which everything else waited for the embedded database's upkeep. */
  readonly upkeepSeconds: Histogram<'task'>
  /** PDFs that wait for a reader of this process, and its readers. */
  readonly pdfsWaiting: Gauge<'lane'>
  readonly pdfReaders: Gauge<'lane'>
}

const stepBuckets = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60]

export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  return {
    registry,
    stepSeconds: new Histogram({
      name: 'triagem_step_seconds',
      help: 'Duration of one attempt of a workflow step',
      labelNames: ['step', 'outcome'],
      buckets: stepBuckets,
      registers: [registry],
    }),
    requestSeconds: new Histogram({
      name: 'triagem_http_request_seconds',
      help: 'Duration of an HTTP request',
      labelNames: ['method', 'route', 'status'],
      buckets: stepBuckets,
      registers: [registry],
    }),
    sockets: new Gauge({
      name: 'triagem_sockets',
      help: 'Open WebSocket connections',
      labelNames: ['path'],
      registers: [registry],
    }),
    upkeepSeconds: new Histogram({
      name: 'triagem_database_upkeep_seconds',
      help: 'Duration of a checkpoint, vacuum or analyze of the embedded database',
      labelNames: ['task'],
      buckets: stepBuckets,
      registers: [registry],
    }),
    pdfsWaiting: new Gauge({
      name: 'triagem_pdfs_waiting',
      help: 'PDFs that wait for a reader',
      labelNames: ['lane'],
      registers: [registry],
    }),
    pdfReaders: new Gauge({
      name: 'triagem_pdf_readers',
      help: 'Processes that read PDFs, at work or idle',
      labelNames: ['lane'],
      registers: [registry],
    }),
  }
}
