import { type BatchActivityDependencies, createBatchActivities } from './classify-batch.js'
import type { EmailActivityDependencies } from './classify-email.js'
import { createEmailActivities } from './classify-email.js'
import type { JobRunner } from '../services/runs/job-runner.js'
import { createSweepActivities } from './sweep-jobs.js'

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
