import type { InjectedSinks } from '@temporalio/worker'
import type { Logger } from 'pino'
import type { Db } from '../db/database.js'
import { recordProgress } from '../db/jobs.js'
import type { ProgressSinks } from '../workflows/progress.js'

/**
 * Writes steps on the way to the row. Best effort: one that is lost is followed by a newer one or by the
 * end, and the row takes only what is newer than what it says.
 */
export function createProgressSink(db: Db, log: Logger): InjectedSinks<ProgressSinks> {
  return {
    progress: {
      report: {
        fn: async (_info, progress) => {
          try {
            await recordProgress(db, progress)
          } catch (error) {
            log.warn({ err: error }, 'A step could not be written; the next one will be.')
          }
        },
        callDuringReplay: false,
      },
    },
  }
}
