import { activityInfo, Context, log } from '@temporalio/activity'
import { deleteAudit } from '../db/audit.js'
import type { Db } from '../db/database.js'
import { deleteIdempotencyKeys } from '../db/idempotency.js'
import { deleteRemovedJobs, listSilentJobIds, recordEnd } from '../db/jobs.js'
import { deleteExpiredRateLimits } from '../db/rate-limits.js'
import type { JobRunner } from '../services/runs/job-runner.js'

export interface SweepJobsResult {
  /** Jobs whose workflow had never started, or was lost: started now. */
  readonly started: number
  /** Jobs whose workflow had been closed from outside: ended now. */
  readonly ended: number
  readonly expiredKeys: number
  readonly removedJobs: number
}

const silenceMs = 60_000
const keptMs = 24 * 3_600_000
/** Long enough to look into what is found out late. */
const auditKeptMs = 180 * 24 * 3_600_000
const pageSize = 200

/** Idempotent by the rows' own state: a job that spoke meanwhile is left alone. */
export function createSweepActivities({ db, runner }: { db: Db; runner: JobRunner }) {
  return {
    async sweepJobs(): Promise<SweepJobsResult> {
      const startedAtMs = activityInfo().currentAttemptScheduledTimestampMs
      const jobs = await sweepSilentJobs(db, runner, new Date(startedAtMs - silenceMs))
      const expired = new Date(startedAtMs - keptMs)
      const result = {
        ...jobs,
        expiredKeys: await deleteIdempotencyKeys(db, expired),
        removedJobs: await deleteRemovedJobs(db, expired),
      }
      await deleteExpiredRateLimits(db, startedAtMs)
      await deleteAudit(db, new Date(startedAtMs - auditKeptMs))
      if (result.started + result.ended > 0) log.warn('The sweeper found forgotten jobs.', result)
      return result
    },
  }
}

async function sweepSilentJobs(
  db: Db,
  runner: JobRunner,
  before: Date,
): Promise<{ started: number; ended: number }> {
  const counts = { started: 0, ended: 0 }
  for (let after: string | undefined; ;) {
    const ids = await listSilentJobIds(db, { before, after, limit: pageSize })
    for (const id of ids) {
      Context.current().heartbeat()
      const state = await runner.findState(id)
      if (state === 'missing') {
        await runner.start(id)
        counts.started++
      } else if (state === 'closed') {
        if (await recordEnd(db, id, { status: 'failed', error: 'stopped_outside' })) counts.ended++
      }
    }
    after = ids.at(-1)
    if (ids.length < pageSize) return counts
  }
}
