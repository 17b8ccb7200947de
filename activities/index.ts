import type { EmailActivityDependencies } from './email/email-activities.js'
import { createEmailActivities } from './email/email-activities.js'
import type { JobRunner } from './email/job-runner.js'
import { createSweepActivities } from './email/sweep-jobs.js'

export interface ActivityDependencies extends EmailActivityDependencies {
  readonly runner: JobRunner
}

/** Everything a workflow may call; each subject names only what it uses. */
export function createActivities(dependencies: ActivityDependencies) {
  return { ...createEmailActivities(dependencies), ...createSweepActivities(dependencies) }
}

export type Activities = ReturnType<typeof createActivities>
