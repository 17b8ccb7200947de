import { activityInfo, Context, log } from '@temporalio/activity'
import type { Db } from '../db/database.js'
import type { CleanUp, CleanUpSettings } from '../services/housekeeping/clean-up.js'
import type { KeepHouseResult } from '../workflow-definitions.js'

/**
 * Clears away what has expired, of every subject. Idempotent: what is gone is gone. Where a clean-up fails the others
 * go on, and the first error is thrown at the end.
 */
export function createKeepHouseActivities(dependencies: {
  readonly db: Db
  readonly cleanUps: readonly CleanUp[]
  readonly housekeeping: CleanUpSettings
}) {
  const { db, cleanUps, housekeeping } = dependencies
  return {
    async keepHouse(): Promise<KeepHouseResult> {
      const now = new Date(activityInfo().currentAttemptScheduledTimestampMs)
      const cleared: Record<string, number> = {}
      const errors: unknown[] = []
      for (const { name, run } of cleanUps) {
        Context.current().heartbeat()
        try {
          cleared[name] = await run(db, now, housekeeping)
        } catch (error) {
          log.error(`The clean-up of "${name}" failed; the others go on.`, { error })
          errors.push(error)
        }
      }
      if (errors.length > 0) throw errors[0]
      return { cleared }
    },
  }
}
