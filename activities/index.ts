import {
  type BatchActivityDependencies,
  createBatchActivities,
} from './batches/batch-activities.js'
import type { EmailActivityDependencies } from './email/email-activities.js'
import { createEmailActivities } from './email/email-activities.js'
import type { JobRunner } from './email/job-runner.js'
import { createSweepActivities } from './email/sweep-jobs.js'

export interface ActivityDependencies extends EmailActivityDependencies, BatchActivityDependencies {
  readonly runner: JobRunner
}

/** Everything a workflow may call; each subject names only what it uses. */
export function createActivities(dependencies: ActivityDependencies) {
  return {
    ...createEmailActivities(dependencies),
    ...createSweepActivities(dependencies),
    ...createBatchActivities(dependencies),
  }
}

export type Activities = ReturnType<typeof createActivities>
