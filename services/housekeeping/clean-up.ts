import { deleteAudit } from '../../db/audit.js'
import type { Db } from '../../db/database.js'
import { deleteIdempotencyKeys } from '../../db/idempotency.js'
import { deleteExpiredRateLimits } from '../../db/rate-limits.js'
import { deleteRemovedRuns } from '../../db/runs.js'

/** Something that expires; subjects bring their own. */
export interface CleanUp {
  /** What is cleared away, as a log line says it. */
  readonly name: string
  /** Clears away what has expired by now. Idempotent. @returns how many */
  run(db: Db, now: Date): Promise<number>
}

const dayMs = 24 * 3_600_000
/** Long enough to look into what is found out late. */
const keepAuditDays = 180

const before = (now: Date, days: number) => new Date(now.getTime() - days * dayMs)

/** What belongs to no subject. */
export const commonCleanUps: readonly CleanUp[] = [
  {
    name: 'idempotency keys',
    run: (db, now) => deleteIdempotencyKeys(db, before(now, 1)),
  },
  { name: 'removed runs', run: (db, now) => deleteRemovedRuns(db, before(now, 1)) },
  { name: 'limits', run: (db, now) => deleteExpiredRateLimits(db, now.getTime()) },
  { name: 'audit entries', run: (db, now) => deleteAudit(db, before(now, keepAuditDays)) },
]
