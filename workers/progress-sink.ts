import type { InjectedSinks } from '@temporalio/worker'
import type { Logger } from 'pino'
import type { Db } from '../db/database.js'
import { type JobProgress, recordProgress } from '../db/jobs.js'
import type { ProgressSinks } from '../workflows/progress.js'

/**
 * Writes steps on the way to the row. Best effort: one that is lost is followed by a newer one or by the
 * end, and the row takes only what is newer than what it says. A workflow's task is held up until its
 * sinks return, so this one only notes the step. A job has one statement under way: of the steps that come
 * meanwhile the newest is written.
 */
export function createProgressSink(db: Db, log: Logger): InjectedSinks<ProgressSinks> {
  const waiting = new Map<string, JobProgress>()
  const writing = new Set<string>()

  const take = (jobId: string): JobProgress | undefined => {
    const progress = waiting.get(jobId)
    waiting.delete(jobId)
    return progress
  }

  async function write(jobId: string): Promise<void> {
    writing.add(jobId)
    for (let next = take(jobId); next !== undefined; next = take(jobId)) {
      try {
        await recordProgress(db, next)
      } catch (error) {
        log.warn({ err: error }, 'A step could not be written; the next one will be.')
      }
    }
    // In the same turn as the last look: what is noted later finds nobody writing.
    writing.delete(jobId)
  }

  return {
    progress: {
      report: {
        fn: (_info, progress) => {
          waiting.set(progress.id, progress)
          if (!writing.has(progress.id)) void write(progress.id)
        },
        callDuringReplay: false,
      },
    },
  }
}
