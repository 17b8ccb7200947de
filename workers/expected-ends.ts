import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common'
import type {
  ActivityInboundCallsInterceptor,
  ActivityInterceptorsFactory,
} from '@temporalio/worker'
import { UnknownKeyError } from '../db/key-ring.js'
import { RunOverError } from '../services/runs/run-over-error.js'

/**
 * What steps throw that is no fault: Temporal logs it for whoever debugs, and doesn't count it. Such as a run that
 * somebody ended meanwhile, or a key that another process has, of which the key ring has told.
 */
export const markExpectedEnds: ActivityInterceptorsFactory = () => {
  const inbound: ActivityInboundCallsInterceptor = {
    execute: async (input, next) => {
      try {
        return await next(input)
      } catch (error) {
        if (error instanceof RunOverError || error instanceof UnknownKeyError)
          throw ApplicationFailure.create({
            message: error.message,
            type: error.name,
            nonRetryable: error instanceof RunOverError,
            category: ApplicationFailureCategory.BENIGN,
          })
        throw error
      }
    },
  }
  return { inbound }
}
