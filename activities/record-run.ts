import { log } from '@temporalio/activity'
import type { Db } from '../db/database.js'
import { recordEnd, recordWait, type RunPosition } from '../db/run-progress.js'
import { findRun } from '../db/runs.js'
import type { CommonRunError } from '../db/schema/runs.js'
import { type FindRunKind, isRunError } from '../services/runs/run-kind.js'
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
  /** ISO. */
  readonly until: string
}

export interface RunActivityDependencies {
  readonly db: Db
  readonly findKind: FindRunKind
}

/** What every workflow of a run calls: see workflows/as-run.ts. Idempotent by the run's id: the first end stays. */
export function createRunActivities({ db, findKind }: RunActivityDependencies) {
  return {
    /** @throws RunOverError where another end came first, so that the workflow ends without effect */
    async recordResult({ runId, ...reached }: RecordResultInput): Promise<void> {
      if (await recordEnd(db, runId, { status: 'completed' }, reached)) return
      const run = await findRun(db, runId)
      if (run?.status !== 'completed') throw new RunOverError()
    },

    async recordFailure({ runId, error, ...reached }: RecordFailureInput): Promise<void> {
      const run = await findRun(db, runId)
      if (run === undefined) return
      const isDeclared = isRunError(findKind(run.kind), error)
      if (!isDeclared)
        log.error(`A run of kind ${run.kind} failed by "${error}", which that kind does not name.`)
      const told = isDeclared ? error : ('internal' satisfies CommonRunError)
      await recordEnd(db, runId, { status: 'failed', error: told }, reached)
    },

    /**
     * @returns the position from which the workflow counts on
     * @throws RunOverError
     */
    async recordWait({ runId, until, ...wait }: RecordWaitInput): Promise<RunPosition> {
      const position = await recordWait(db, runId, { ...wait, until: new Date(until) })
      if (position === undefined) throw new RunOverError()
      return position
    },
  }
}
