import { setTimeout as delay } from 'node:timers/promises'
import type { InjectedSinks } from '@temporalio/worker'
import type { Logger } from 'pino'
import type { Db } from '../db/database.js'
import { recordProgress, type RunProgress } from '../db/run-progress.js'
import { createWorkLoop } from '../db/work-loop.js'
import type { ProgressSinks } from '../workflows/as-run.js'

/** In this time the workflow's next step is on its way. */
const headStartMs = 3
/** Progress takes at most a fourth of the time that the database has. */
const restRatio = 3
/** Nobody who watches sees a step later than this because of others. */
const maxRestMs = 200

/**
 * Writes steps on the way to their rows. Best effort: one that is lost is followed by a newer one or by the
 * end, and a row takes only what is newer than what it says. A workflow's task is held up until its sinks
 * return, so this one only notes the step. One statement is under way, and after each one the database gets a
 * rest in proportion to it. What is noted meanwhile goes into the next statement, of each run the newest step. So
 * every step of a lone run is written, and under load the statements grow instead of their number.
 */
export function createProgressSink(db: Db, log: Logger): InjectedSinks<ProgressSinks> {
  const waiting = new Map<string, RunProgress>()
  const wake = createWorkLoop({
    hasWork: () => waiting.size > 0,
    work: async () => {
      // The workflow's own task goes first: it is held up until this turn is over.
      await delay(headStartMs, undefined, { ref: false })
      const steps = [...waiting.values()]
      waiting.clear()
      const startedAtMs = performance.now()
      try {
        await recordProgress(db, steps)
      } catch (error) {
        log.warn({ err: error }, 'Steps could not be written; the next ones will be.')
      }
      const restMs = Math.min(maxRestMs, restRatio * (performance.now() - startedAtMs))
      await delay(restMs, undefined, { ref: false })
    },
  })

  return {
    progress: {
      report: {
        fn: (_info, progress) => {
          waiting.set(progress.id, progress)
          wake()
        },
        callDuringReplay: false,
      },
    },
  }
}
