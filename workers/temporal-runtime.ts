import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker'
import type { Logger } from 'pino'

/** Once for each process, before any worker: Temporal's own lines go to our log, signals stay ours. */
export function installTemporalRuntime(log: Logger): void {
  Runtime.install({
    shutdownSignals: [],
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      const { workflowType, taskQueue, activityType, error } = (meta ?? {}) as Record<
        string,
        unknown
      >
      const line = { workflowType, taskQueue, activityType, err: error }
      if (level === 'ERROR') log.error(line, message)
      else log.warn(line, message)
    }),
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }), forward: {} },
    },
  })
}
