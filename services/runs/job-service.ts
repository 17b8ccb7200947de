import { randomUUID } from 'node:crypto'
import type { Db } from '../../db/database.js'
import {
  claimIdempotencyKey,
  type IdempotencyKey,
  joinIdempotencyKey,
  releaseIdempotencyKey,
} from '../../db/idempotency.js'
import { deleteUnstartedJob, findJob, insertJob, recordEnd, removeJob } from '../../db/jobs.js'
import type { KeyRing } from '../../db/key-ring.js'
import type { JobSource } from '../../db/schema.js'
import { Refusal } from '../refusal.js'
import type { JobRunner } from './job-runner.js'

export interface NewJob {
  readonly source: JobSource
  /** UTF-8 for `text`, the file's bytes otherwise. */
  readonly content: Uint8Array
  readonly idempotencyKey: IdempotencyKey | undefined
}

export interface JobService {
  /**
   * Takes a job on: row first, then the workflow.
   *
   * @returns its id, the same one for the same idempotency key
   * @throws IdempotencyConflictError, or JobNotAcceptedError, after which nothing is left of it
   */
  submit(job: NewJob): Promise<string>
  /** Ends a job as `failed`, cancelled; nothing where it is over. */
  cancel(jobId: string): Promise<void>
  /** Cancels a job, and removes its text and result. @returns false where there is none */
  remove(jobId: string): Promise<boolean>
}

export type JobRefusalCode = 'idempotency_conflict' | 'unavailable'

/** One key was sent with two different contents. */
export class IdempotencyConflictError extends Refusal<'idempotency_conflict'> {
  override readonly name = 'IdempotencyConflictError'
  constructor() {
    super('idempotency_conflict')
  }
}

/** Temporal could not be reached: nothing was accepted. */
export class JobNotAcceptedError extends Refusal<'unavailable'> {
  override readonly name = 'JobNotAcceptedError'
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super('unavailable', { message, ...options })
  }
}

export interface JobServiceDependencies {
  readonly db: Db
  readonly keys: KeyRing
  readonly runner: JobRunner
  /** Told of a cancel that the workflow will hear of only by its row. */
  readonly onUnheardCancel: (error: unknown) => void
}

export function createJobService({
  db,
  keys,
  runner,
  onUnheardCancel,
}: JobServiceDependencies): JobService {
  /** The row has ended already, so the workflow stops at its next step even if this doesn't reach it. */
  const stopWorkflow = (jobId: string) => runner.cancel(jobId).catch(onUnheardCancel)

  return {
    submit: async ({ source, content, idempotencyKey }) => {
      const id = randomUUID()
      const sealed = keys.seal(content)
      if (idempotencyKey === undefined) {
        await insertJob(db, { id, source, content: sealed })
        await startOrTakeBack(db, runner, id, undefined)
        return id
      }
      const known = await db.transaction().execute(async (trx) => {
        const claimed = await claimIdempotencyKey(trx, idempotencyKey, id)
        if (claimed === undefined) await insertJob(trx, { id, source, content: sealed })
        return claimed
      })
      if (known === undefined) {
        await startOrTakeBack(db, runner, id, idempotencyKey)
        return id
      }
      if (known.bodyHash !== idempotencyKey.bodyHash) throw new IdempotencyConflictError()
      await joinJob(db, runner, known.jobId, idempotencyKey)
      return known.jobId
    },

    cancel: async (jobId) => {
      if (await recordEnd(db, jobId, { status: 'failed', error: 'cancelled' }))
        await stopWorkflow(jobId)
    },

    remove: async (jobId) => {
      const was = await removeJob(db, jobId)
      if (was === 'running') await stopWorkflow(jobId)
      return was !== undefined
    },
  }
}

async function startOrTakeBack(
  db: Db,
  runner: JobRunner,
  id: string,
  key: IdempotencyKey | undefined,
): Promise<void> {
  try {
    await runner.start(id)
  } catch (error) {
    // A start that timed out may have happened: its workflow finds no row and ends without effect.
    const takenBack = await db.transaction().execute(async (trx) => {
      if (key !== undefined && !(await releaseIdempotencyKey(trx, key))) return false
      await deleteUnstartedJob(trx, id)
      return true
    })
    if (takenBack) throw new JobNotAcceptedError('The job could not be started.', { cause: error })
    // A second caller with this key started it meanwhile: then it is accepted for both.
  }
}

/** The first caller may still fail to start the job; so this one sees to it, then forbids taking it back. */
async function joinJob(
  db: Db,
  runner: JobRunner,
  jobId: string,
  key: IdempotencyKey,
): Promise<void> {
  const job = await findJob(db, jobId)
  if (job !== undefined && job.status !== 'pending') return
  if (job !== undefined) {
    try {
      await runner.start(jobId)
    } catch (error) {
      throw new JobNotAcceptedError('The job could not be started.', { cause: error })
    }
  }
  if (!(await joinIdempotencyKey(db, key)))
    throw new JobNotAcceptedError('The job was taken back meanwhile.')
}
