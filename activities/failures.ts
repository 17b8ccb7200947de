import { ApplicationFailure } from '@temporalio/common'
import type { CommonRunError } from '../db/schema.js'

/**
 * Gives the function that makes failures which a retry can't mend. The code becomes the run's error, and
 * decides what its user is told: see asRun().
 */
export const failuresOf =
  <RunError extends string>() =>
  /** @param message for operators; never holds text, names or addresses */
  (code: RunError | CommonRunError, message: string): ApplicationFailure =>
    ApplicationFailure.nonRetryable(message, code)
