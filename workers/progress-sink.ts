import { setTimeout as delay } from 'node:timers/promises'
import type { InjectedSinks } from '@temporalio/worker'
import type { Logger } from 'pino'
import type { Db } from '../db/database.js'
import { recordProgress } from '../db/jobs.js'
import type { ProgressSinks } from '../workflows/progress.js'

/**
 * A workflow task ends only when its sinks have, and a task that takes 5 s is given up and done again: so
 * a database that hangs must not hold it.
 */
const longestWaitMs = 1_000

/**
 * Writes steps on the way to the row. Best effort: one that is lost is followed by a newer one or by the
 * end, and the row takes only what is newer than what it says.
 */
export function createProgressSink(db: Db, log: Logger): InjectedSinks<ProgressSinks> {
  return {
    progress: {
      report: {
        fn: async (_info, progress) => {
          const written = recordProgress(db, progress).catch((error: unknown) =>
            log.warn({ err: error }, 'A step could not be written; the next one will be.'),
          )
          await Promise.race([written, delay(longestWaitMs, undefined, { ref: false })])
        },
        callDuringReplay: false,
      },
    },
  }
}
