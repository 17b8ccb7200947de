import { randomUUID } from 'node:crypto'
import type { Transaction } from 'kysely'
import { type Db, isDatabaseUnavailable } from '../../db/database.js'
import {
  claimIdempotencyKey,
  findIdempotencyKey,
  type IdempotencyKey,
  type KnownTarget,
  joinIdempotencyKey,
} from '../../db/idempotency.js'
import { recordEnd, removeRun } from '../../db/run-progress.js'
import { findRun } from '../../db/runs.js'
import type { Database } from '../../db/schema/database.js'
import { Refusal } from '../refusal.js'
import type { Backlog } from './backlog.js'
import type { FindRunKind, RunReference } from './run-kind.js'
import { takeBack, type Withdrawal, type Withdrawals } from './withdrawals.js'
import type { WorkflowRunner } from './workflow-runner.js'

export interface NewRun {
  /** Name of a RunKind. */
  readonly kind: string
  readonly idempotencyKey: IdempotencyKey | undefined
  /** Inserts the run (see runInsertion) and what it works on, together. */
  readonly store: (db: Db | Transaction<Database>, id: string) => Promise<void>
}

/** What is done to runs, whatever their kind. It checks no rights. */
export interface RunService {
  /**
   * Takes a run on: rows first, then the workflow.
   *
   * @returns its id, the same one for the same idempotency key
   * @throws IdempotencyConflictError; RunNotAcceptedError or OverloadedError, after which nothing is left of it
   */
  submit(run: NewRun): Promise<string>
  /** Ends a run as `failed`, cancelled; nothing where it is over. */
  cancel(id: string): Promise<void>
  /** Cancels a run, and removes what only it holds. @returns false where there is none */
  remove(id: string): Promise<boolean>
}

export type RunRefusalCode = 'idempotency_conflict' | 'unavailable' | 'overloaded'

/** One key was sent with two different contents. */
export class IdempotencyConflictError extends Refusal<'idempotency_conflict'> {
  override readonly name = 'IdempotencyConflictError'
  constructor() {
    super('idempotency_conflict')
  }
}

/** Temporal could not be reached: nothing was accepted. */
export class RunNotAcceptedError extends Refusal<'unavailable'> {
  override readonly name = 'RunNotAcceptedError'
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super('unavailable', { message, ...options })
  }
}

/** So much is under way that one more would only come late: nothing was accepted. */
export class OverloadedError extends Refusal<'overloaded'> {
  override readonly name = 'OverloadedError'
  constructor() {
    super('overloaded')
  }
}

export interface RunServiceDependencies {
  readonly db: Db
  readonly runner: WorkflowRunner
  readonly findKind: FindRunKind
  /** Told of a cancel that the workflow will hear of only by its row. */
  readonly onUnheardCancel: (error: unknown) => void
  readonly withdrawals: Pick<Withdrawals, 'add'>
  readonly backlog: Backlog
}

export function createRunService(dependencies: RunServiceDependencies): RunService {
  const { db, runner, findKind, onUnheardCancel, withdrawals, backlog } = dependencies
  /** The row has ended already, so the workflow stops at its next step even if this doesn't reach it. */
  const stopWorkflow = (run: RunReference) => runner.cancel(run).catch(onUnheardCancel)
  /** A database that didn't answer may carry it out yet; its caller is told that nothing was accepted. */
  const orWithdraw = async <T>(withdrawal: Withdrawal, write: () => Promise<T>): Promise<T> => {
    try {
      return await write()
    } catch (error) {
      if (isDatabaseUnavailable(error)) withdrawals.add(withdrawal)
      throw error
    }
  }

  /** Writes the rows. @returns what the key stands for already, and then nothing is written */
  const takeOn = async (
    run: RunReference,
    { idempotencyKey, store }: NewRun,
  ): Promise<KnownTarget | undefined> => {
    const leave = await backlog.enter()
    if (leave === undefined) {
      // What was accepted before is told again, however much there is to do.
      const known = idempotencyKey && (await findIdempotencyKey(db, idempotencyKey))
      if (known === undefined) throw new OverloadedError()
      return known
    }
    try {
      return await orWithdraw({ id: run.id, idempotencyKey }, async () => {
        if (idempotencyKey === undefined) {
          await store(db, run.id)
          return undefined
        }
        return await db.transaction().execute(async (trx) => {
          const known = await claimIdempotencyKey(trx, idempotencyKey, run)
          if (known === undefined) await store(trx, run.id)
          return known
        })
      })
    } finally {
      leave()
    }
  }

  const startOrTakeBack = async (
    run: RunReference,
    idempotencyKey: IdempotencyKey | undefined,
  ): Promise<void> => {
    try {
      await runner.start(run)
    } catch (error) {
      // A start that timed out may have happened all the same. Where its workflow is at work, or a second caller with
      // this key started it, the run is accepted; where not yet, the workflow will find no row and end without effect.
      const withdrawal = { id: run.id, idempotencyKey }
      if (await orWithdraw(withdrawal, () => takeBack(db, withdrawal)))
        throw new RunNotAcceptedError('The run could not be started.', { cause: error })
    }
  }

  return {
    submit: async (newRun) => {
      const { kind, idempotencyKey } = newRun
      const run = { kind, id: randomUUID() }
      const known = await takeOn(run, newRun)
      if (known === undefined || idempotencyKey === undefined) {
        await startOrTakeBack(run, idempotencyKey)
        return run.id
      }
      if (known.kind !== kind || known.bodyHash !== idempotencyKey.bodyHash)
        throw new IdempotencyConflictError()
      await joinRun(db, runner, known, idempotencyKey)
      return known.id
    },

    cancel: async (id) => {
      const run = await findRun(db, id)
      if (run === undefined) return
      if (await recordEnd(db, id, { status: 'failed', error: 'cancelled' })) await stopWorkflow(run)
    },

    remove: async (id) => {
      const run = await findRun(db, id)
      if (run === undefined) return false
      const was = await db.transaction().execute(async (trx) => {
        const removed = await removeRun(trx, id)
        if (removed !== undefined) await findKind(run.kind)?.removeContent(trx, id)
        return removed
      })
      if (was === 'running') await stopWorkflow(run)
      return was !== undefined
    },
  }
}

/** The first caller may still fail to start the run; so this one sees to it, then forbids taking it back. */
async function joinRun(
  db: Db,
  runner: WorkflowRunner,
  { kind, id }: RunReference,
  key: IdempotencyKey,
): Promise<void> {
  const run = await findRun(db, id)
  if (run !== undefined && run.status !== 'pending') return
  if (run !== undefined) {
    try {
      await runner.start({ kind, id })
    } catch (error) {
      throw new RunNotAcceptedError('The run could not be started.', { cause: error })
    }
  }
  if (!(await joinIdempotencyKey(db, key)))
    throw new RunNotAcceptedError('The run was taken back meanwhile.')
}
