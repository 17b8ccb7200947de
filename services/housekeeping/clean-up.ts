import type { HousekeepingSettings } from '../../config/housekeeping.js'
import type { Db } from '../../db/database.js'

export type CleanUpSettings = Pick<HousekeepingSettings, 'keepJobsDays'>

/** Something of a subject that expires. */
export interface CleanUp {
  /** What is cleared away, as the result of the housekeeping says it. */
  readonly name: string
  /** Clears away what has expired by now. Idempotent. @returns how many */
  readonly run: (db: Db, now: Date, settings: CleanUpSettings) => Promise<number>
}

const dayMs = 24 * 3_600_000

export const daysBefore = (now: Date, days: number): Date => new Date(now.getTime() - days * dayMs)
