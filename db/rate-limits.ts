import type { Db } from './database.js'

/** @param nowMs counters whose window ended before it are dropped */
export async function deleteExpiredRateLimits(db: Db, nowMs: number): Promise<void> {
  await db.deleteFrom('rate_limits').where('expire', '<', nowMs).execute()
}
