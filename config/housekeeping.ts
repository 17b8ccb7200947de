import { z } from 'zod'

const maxDays = 36_500

export const housekeepingShape = {
  KEEP_JOBS_DAYS: z.coerce.number().int().min(1).max(maxDays).default(30),
}

export interface HousekeepingSettings {
  /** How long what ended is kept, with its text, its file and its result. */
  readonly keepJobsDays: number
}

export const readHousekeeping = (
  e: z.infer<z.ZodObject<typeof housekeepingShape>>,
): HousekeepingSettings => ({ keepJobsDays: e.KEEP_JOBS_DAYS })
