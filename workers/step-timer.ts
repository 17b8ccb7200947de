import type {
  ActivityInboundCallsInterceptor,
  ActivityInterceptorsFactory,
} from '@temporalio/worker'
import type { Metrics } from '../services/adapters/metrics.js'

/** Measures every attempt of every step. */
export function createStepTimer({ stepSeconds }: Metrics): ActivityInterceptorsFactory {
  return (context) => {
    const step = context.info.activityType
    const inbound: ActivityInboundCallsInterceptor = {
      async execute(input, next) {
        const stop = stepSeconds.startTimer({ step })
        try {
          const result = await next(input)
          stop({ outcome: 'done' })
          return result
        } catch (error) {
          stop({ outcome: 'failed' })
          throw error
        }
      },
    }
    return { inbound }
  }
}
