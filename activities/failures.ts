import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common'
import type { CommonRunError } from '../db/schema/runs.js'

/**
 * Gives the function that makes failures which a retry can't mend. The code becomes the run's error, and
 * decides what its user is told: see asRun(). Its user can mend what it names, all but `internal`: Temporal's own line
 * of it is for whoever debugs.
 */
export const failuresOf =
  <RunError extends string>(): PermanentFailure<RunError> =>
  (code, message) =>
    ApplicationFailure.create({
      message,
      type: code,
      nonRetryable: true,
      ...(code === 'internal' ? {} : { category: ApplicationFailureCategory.BENIGN }),
    })

/** @param message for operators; never holds text, names or addresses */
export type PermanentFailure<RunError extends string> = (
  code: RunError | CommonRunError,
  message: string,
) => ApplicationFailure
