import type { Db } from '../db/database.js'
import { findRun, recordEnd, recordWait, type RunPosition } from '../db/runs.js'
import { RunOverError } from '../services/runs/run-over-error.js'
import type { RunInput } from '../workflow-definitions.js'

export interface RecordResultInput extends RunInput, RunPosition {}

export interface RecordFailureInput extends RunInput, RunPosition {
  /** A common error or one of the run's kind. */
  readonly error: string
}

export interface RecordWaitInput extends RunInput, RunPosition {
  readonly step: string
  readonly progress: number
  /** ISO; null for a wait that has no end of its own. */
  readonly until: string | null
}

/** What every workflow of a run calls: see workflows/as-run.ts. Idempotent by the run's id: the first end stays. */
export function createRunActivities({ db }: { readonly db: Db }) {
  return {
    /** @throws RunOverError where another end came first, so that the workflow ends without effect */
    async recordResult({ runId, ...reached }: RecordResultInput): Promise<void> {
      if (await recordEnd(db, runId, { status: 'completed' }, reached)) return
      const run = await findRun(db, runId)
      if (run?.status !== 'completed') throw new RunOverError()
    },

    async recordFailure({ runId, error, ...reached }: RecordFailureInput): Promise<void> {
      await recordEnd(db, runId, { status: 'failed', error }, reached)
    },

    /** @throws RunOverError */
    async recordWait({ runId, until, ...wait }: RecordWaitInput): Promise<void> {
      const untilDate = until === null ? null : new Date(until)
      if (!(await recordWait(db, runId, { ...wait, until: untilDate }))) throw new RunOverError()
    },
  }
}
