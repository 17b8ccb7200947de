import { ApplicationFailure } from '@temporalio/common'
import type { JobError } from '../db/schema.js'

/** Why a batch, or a chunk of it, can't be classified. */
export type BatchError = 'batch_missing' | 'no_model'

/** The job was ended or removed while it was being worked on: there is nothing left to do. */
export const jobOverFailureType = 'job_over'

/**
 * What a retry can't mend. The type reaches the workflow and decides what the user is told.
 *
 * @param message for operators; never holds text, names or addresses
 */
export function permanentFailure(
  type: JobError | BatchError | typeof jobOverFailureType,
  message: string,
): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, type)
}
