import { ApplicationFailure } from '@temporalio/common'
import type { JobError } from '../db/schema.js'

/** The job was ended or removed while it was being worked on: there is nothing left to do. */
export const jobOverFailureType = 'job_over'

/**
 * What a retry can't mend. The type reaches the workflow and decides what the user is told.
 *
 * @param message for operators; never holds text, names or addresses
 */
export function permanentFailure(
  type: JobError | typeof jobOverFailureType,
  message: string,
): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, type)
}
