import { ApplicationFailure } from '@temporalio/common'
import type { CommonRunError } from '../db/schema/runs.js'

/**
 * Gives the function that makes failures which a retry can't mend. The code becomes the run's error, and
 * decides what its user is told: see asRun().
 */
export const failuresOf =
  <RunError extends string>(): PermanentFailure<RunError> =>
  (code, message) =>
    ApplicationFailure.nonRetryable(message, code)

/** @param message for operators; never holds text, names or addresses */
export type PermanentFailure<RunError extends string> = (
  code: RunError | CommonRunError,
  message: string,
) => ApplicationFailure
