import { type BatchActivityDependencies, createBatchActivities } from './classify-batch.js'
import { createEmailActivities, type EmailActivityDependencies } from './classify-email.js'
import { createKeepHouseActivities } from './keep-house.js'
import { createRunActivities } from './record-run.js'
import { createSweepActivities, type SweepDependencies } from './sweep-runs.js'

export type ActivityDependencies = EmailActivityDependencies &
  BatchActivityDependencies &
  SweepDependencies &
  Parameters<typeof createKeepHouseActivities>[0]

/** Everything a workflow may call; each names only what it uses. */
export function createActivities(dependencies: ActivityDependencies) {
  return {
    ...createRunActivities(dependencies),
    ...createEmailActivities(dependencies),
    ...createBatchActivities(dependencies),
    ...createSweepActivities(dependencies),
    ...createKeepHouseActivities(dependencies),
  }
}

export type Activities = ReturnType<typeof createActivities>
