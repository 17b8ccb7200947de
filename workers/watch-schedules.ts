import type { Client } from '@temporalio/client'
import type { Logger } from 'pino'
import type { Db } from '../db/database.js'
import { hasOpenRuns, hasRunsSince } from '../db/runs.js'
import { runUnlessRecent } from '../services/adapters/temporal-schedules.js'
import { keepHouseScheduleId, sweepRunsScheduleId } from '../workflow-ids.js'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
/** Two looks are never quite a minute apart. */
const toleranceMs = 5_000

interface Watched {
  readonly id: string
  /** So often, while there is work. */
  readonly everyMs: number
  readonly hasWork: (db: Db, now: Date) => Promise<boolean>
}

const watched: readonly Watched[] = [
  { id: sweepRunsScheduleId, everyMs: minuteMs, hasWork: hasOpenRuns },
  {
    id: keepHouseScheduleId,
    everyMs: hourMs,
    // What an accepted run leaves is cleared away an hour after it has ended; the daily run finds what stayed open for long.
    hasWork: (db, now) => hasRunsSince(db, new Date(now.getTime() - 3 * hourMs)),
  },
]

export interface WatchSchedulesInput {
  readonly client: Client
  readonly db: Db
  readonly log: Logger
  /** How often it looks; a look reads, and writes nothing. */
  readonly everyMs?: number
}

/**
 * Looks at once and then each minute whether schedules have work, and lets those run which have. Several processes may
 * look at once: what one let run the others leave alone, and what overlaps is skipped.
 *
 * @returns what ends it
 */
export function watchSchedules({
  client,
  db,
  log,
  everyMs = minuteMs,
}: WatchSchedulesInput): () => void {
  const look = async () => {
    try {
      const now = new Date()
      for (const schedule of watched)
        if (await schedule.hasWork(db, now))
          await runUnlessRecent(
            client,
            schedule.id,
            new Date(now.getTime() - schedule.everyMs + toleranceMs),
          )
    } catch (error) {
      log.warn({ err: error }, 'What runs by schedule could not be looked at; the next look does.')
    }
  }
  void look()
  const timer = setInterval(() => void look(), everyMs)
  return () => clearInterval(timer)
}
