import { activityInfo, Context, log } from '@temporalio/activity'
import type { Db } from '../db/database.js'
import type { CleanUp, CleanUpSettings } from '../services/housekeeping/clean-up.js'
import type { KeepHouseResult } from '../workflow-definitions.js'

const dayMs = 24 * 3_600_000
/** For an operator who looks into Temporal's UI at what has just ended. */
const keepWorkflowsMs = 3_600_000

/**
 * Clears away what has expired, of every subject. Idempotent: what is gone is gone. Where a clean-up fails the others
 * go on, and the first error is thrown at the end.
 */
export function createKeepHouseActivities(dependencies: {
  readonly db: Db
  readonly cleanUps: readonly CleanUp[]
  readonly housekeeping: CleanUpSettings
  /** Deletes the workflows of runs that ended well before then. */
  readonly clearWorkflows: (before: Date) => Promise<void>
}) {
  const { db, cleanUps, housekeeping, clearWorkflows } = dependencies
  return {
    async keepHouse(): Promise<KeepHouseResult> {
      const now = new Date(activityInfo().currentAttemptScheduledTimestampMs)
      const cleared: Record<string, number> = {}
      const errors: unknown[] = []
      const attempt = async (name: string, clear: () => Promise<void>) => {
        Context.current().heartbeat()
        try {
          await clear()
        } catch (error) {
          log.error(`The clean-up of "${name}" failed; the others go on.`, { error })
          errors.push(error)
        }
      }
      for (const { name, run } of cleanUps)
        await attempt(name, async () => {
          cleared[name] = await run(db, now, housekeeping)
        })
      const keptMs = Math.min(keepWorkflowsMs, housekeeping.keepJobsDays * dayMs)
      await attempt('ended workflows', () => clearWorkflows(new Date(now.getTime() - keptMs)))
      if (errors.length > 0) throw errors[0]
      return { cleared }
    },
  }
}
