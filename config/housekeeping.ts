import { z } from 'zod'
import { byteCount, countFromOne } from './values.js'

/** A minute and a half: for who tries how it works. */
const minDays = 0.001
const maxDays = 36_500

export const housekeepingShape = {
  KEEP_JOBS_DAYS: z.coerce.number().min(minDays).max(maxDays).default(30),
  MAX_OPEN_JOBS: countFromOne.default(200),
  MIN_FREE_DISK: byteCount.default(200 * 1024 ** 2),
  MAX_TEMPORAL_FILE: byteCount.default(1024 ** 3),
}

export interface HousekeepingSettings {
  /** How long what ended is kept, with its text, its file and its result. */
  readonly keepJobsDays: number
  /** With so many under way no new work is taken on. */
  readonly maxOpenJobs: number
  /** With less room in DATA_DIR no new work is taken on. */
  readonly minFreeDiskBytes: number
  /** Temporal's own file is begun anew at a start where it has passed this. */
  readonly maxTemporalFileBytes: number
}

export const readHousekeeping = (
  e: z.infer<z.ZodObject<typeof housekeepingShape>>,
): HousekeepingSettings => ({
  keepJobsDays: e.KEEP_JOBS_DAYS,
  maxOpenJobs: e.MAX_OPEN_JOBS,
  minFreeDiskBytes: e.MIN_FREE_DISK,
  maxTemporalFileBytes: e.MAX_TEMPORAL_FILE,
})
