import { cancelled, heartbeat } from '@temporalio/activity'
import { sql } from 'kysely'
import { failuresOf } from '../../activities/failures.js'
import type { Db } from '../../db/database.js'
import type { RunInput } from '../../workflow-definitions.js'

export interface OpenedErrand {
  /** The step that an earlier workflow of this errand had come to. */
  readonly reached: 'start' | 'travelling' | 'delivering'
  /** ISO. */
  readonly arrivesAt: string
}

export type ErrandActivities = ReturnType<typeof createErrandActivities>

const permanentFailure = failuresOf<'errand_lost'>()

/** @param isStalled whether the peer that takes a delivery in this town gives no answer for now */
export function createErrandActivities(getDb: () => Db, isStalled: (town: string) => boolean) {
  const note = async (runId: string, what: string) => {
    await sql`update errands set diary = diary || ${what} where id = ${runId}`.execute(getDb())
  }
  return {
    async openErrand({ runId }: RunInput): Promise<OpenedErrand | null> {
      const { rows } = await sql<{ step: string; arrives_at: Date }>`
        select runs.step, errands.arrives_at from errands join runs using (id)
        where id = ${runId} and is_open`.execute(getDb())
      const [row] = rows
      if (row === undefined) return null
      const reached = row.step === 'travelling' || row.step === 'delivering' ? row.step : 'start'
      return { reached, arrivesAt: row.arrives_at.toISOString() }
    },
    packErrand: ({ runId }: RunInput) => note(runId, 'p'),
    async deliverErrand({ runId }: RunInput): Promise<void> {
      const { rows } = await sql<{ town: string }>`
        select town from errands where id = ${runId}`.execute(getDb())
      const town = rows[0]?.town ?? ''
      if (town === 'Atlântida') throw permanentFailure('errand_lost', 'No such town.')
      while (isStalled(town)) {
        heartbeat()
        const pause = new Promise((resolve) => setTimeout(resolve, 50))
        await Promise.race([pause, cancelled()])
      }
      await note(runId, 'd')
    },
  }
}
