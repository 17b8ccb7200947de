import { activityInfo, Context } from '@temporalio/activity'
import type { Db } from '../db/database.js'
import type { CleanUp } from '../services/housekeeping/clean-up.js'
import type { KeepHouseResult } from '../workflow-definitions.js'

/** Clears away what has expired, of every subject. Idempotent: what is gone is gone. */
export function createKeepHouseActivities(dependencies: {
  readonly db: Db
  readonly cleanUps: readonly CleanUp[]
}) {
  const { db, cleanUps } = dependencies
  return {
    async keepHouse(): Promise<KeepHouseResult> {
      const now = new Date(activityInfo().currentAttemptScheduledTimestampMs)
      const cleared: Record<string, number> = {}
      for (const { name, run } of cleanUps) {
        Context.current().heartbeat()
        cleared[name] = await run(db, now)
      }
      return { cleared }
    },
  }
}
