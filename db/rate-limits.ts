import type { Db } from './database.js'

/** @param nowMs counters whose window ended before it are dropped @returns how many */
export async function deleteExpiredRateLimits(db: Db, nowMs: number): Promise<number> {
  const result = await db.deleteFrom('rate_limits').where('expire', '<', nowMs).executeTakeFirst()
  return Number(result.numDeletedRows)
}
