import { sql, type Transaction } from 'kysely'
import type { Db } from './database.js'
import type { Database } from './schema/database.js'
import type { CommonRunError, RunStatus } from './schema/runs.js'

/** Channel of NOTIFY that carries RunNews as JSON. */
export const runProgressChannel = 'triagem_run_progress'

/** How far a run has come: what follows must be newer. */
export interface RunPosition {
  readonly epoch: number
  readonly seq: number
}

/** A run's absolute state at one moment, as it travels by NOTIFY: no text, no result. */
export interface RunProgress extends RunPosition {
  readonly id: string
  readonly kind: string
  readonly status: RunStatus
  readonly step: string
  readonly progress: number
  readonly done: number | null
  readonly total: number | null
}

/** What is told of a run: its state and when it began to be. */
export interface RunNews extends RunProgress {
  readonly created_at: Date
}

/**
 * Steps on the way, of any number of runs: written and notified in one statement, each only if newer than
 * what its row says. Nobody waits for the disk: a step that a crash of the server loses is followed by the
 * next one or by the end. That a workflow begins is news of a run that had not begun: where an earlier workflow was
 * lost, its row goes on saying how far it had come, for the new one reads that.
 *
 * @param steps at most one for each run
 */
export async function recordProgress(db: Db, steps: readonly RunProgress[]): Promise<void> {
  const column = <Name extends keyof RunProgress>(name: Name) => steps.map((step) => step[name])
  await sql`
    with said as (
      select * from unnest(${column('id')}::uuid[], ${column('status')}::text[], ${column('step')}::text[],
        ${column('progress')}::int[], ${column('done')}::int[], ${column('total')}::int[],
        ${column('epoch')}::bigint[], ${column('seq')}::int[])
        as said (id, status, step, progress, done, total, epoch, seq)
    ), updated as (
      update runs
      set status = said.status, step = said.step, progress = greatest(runs.progress, said.progress),
        done = coalesce(said.done, runs.done), total = coalesce(said.total, runs.total),
        epoch = said.epoch, seq = said.seq, waiting_until = null, updated_at = now()
      from said
      where runs.id = said.id and runs.is_open and (runs.epoch, runs.seq) < (said.epoch, said.seq)
        and (said.step <> 'starting' or runs.step in ('queued', 'starting'))
      returning ${told}
    )
    select ${notify}, set_config('synchronous_commit', 'off', true) from updated`.execute(db)
}

/** What a notification tells of a run. */
const told = sql`runs.id, runs.kind, runs.status, runs.step, runs.progress, runs.done, runs.total, runs.epoch, runs.seq,
  runs.created_at`
const notify = sql`pg_notify(${sql.lit(runProgressChannel)}, row_to_json(updated)::text)`

export interface RunWait extends RunPosition {
  readonly step: string
  readonly progress: number
  readonly until: Date
}

/**
 * That a run waits from now on: written by a step that is retried, for a workflow that is lost goes on
 * waiting by what its row says. Whatever an earlier workflow of the run reported, and by whatever clock, this
 * one waits: its row says so at a position that is newer than any a reader has seen.
 *
 * @returns the position that the row has now, from which the workflow counts on; undefined where the run is over
 */
export async function recordWait(
  db: Db,
  id: string,
  wait: RunWait,
): Promise<RunPosition | undefined> {
  const { rows } = await sql<RunPosition>`
    with updated as (
      update runs
      set status = 'waiting', step = ${wait.step}, progress = greatest(progress, ${wait.progress}),
        epoch = greatest(epoch, ${wait.epoch}::bigint),
        seq = case when (epoch, seq) <= (${wait.epoch}::bigint, ${wait.seq}::int) then ${wait.seq}::int
          else seq + 1 end,
        waiting_until = ${wait.until}, updated_at = now()
      where id = ${id} and is_open
      returning ${told}
    )
    select epoch, seq, ${notify} from updated`.execute(db)
  const [row] = rows
  return row && { epoch: row.epoch, seq: row.seq }
}

export type RunEnd =
  { readonly status: 'completed' } | { readonly status: 'failed'; readonly error: string }

/**
 * The end: written and notified in one statement, once.
 *
 * @param reached the last position that the workflow reported, for its steps may not all have reached the
 *   row: the end's own seq must be newer than anything a reader has seen
 * @returns false where the run was over already or is gone
 */
export async function recordEnd(
  db: Db | Transaction<Database>,
  id: string,
  end: RunEnd,
  reached: RunPosition = { epoch: 0, seq: 0 },
): Promise<boolean> {
  const completed = end.status === 'completed'
  const { rows } = await sql`
    with updated as (
      update runs
      set status = ${end.status}, step = ${completed ? 'done' : 'stopped'},
        progress = case when ${completed} then 100 else progress end,
        done = case when ${completed} then coalesce(total, done) else done end,
        error = ${completed ? null : end.error}, waiting_until = null,
        epoch = greatest(epoch, ${reached.epoch}::bigint),
        seq = 1 + case when (epoch, seq) < (${reached.epoch}::bigint, ${reached.seq}::int)
          then ${reached.seq}::int else seq end,
        updated_at = now(), ended_at = now()
      where id = ${id} and is_open
      returning ${told}
    )
    select ${notify} from updated`.execute(db)
  return rows.length > 0
}

/**
 * Marks a run as removed and ends it where it was open. The row stays a while, so that its sockets get their
 * last frame and a late workflow finds it over.
 *
 * @returns `running` where it was not over, `over` where it was, undefined where there is none
 */
export async function removeRun(
  trx: Transaction<Database>,
  id: string,
): Promise<'running' | 'over' | undefined> {
  const ended = await recordEnd(trx, id, { status: 'failed', error: cancelled })
  const removed = await trx
    .updateTable('runs')
    .set({ removed_at: new Date() })
    .where('id', '=', id)
    .where('removed_at', 'is', null)
    .executeTakeFirst()
  if (removed.numUpdatedRows === 0n) return undefined
  return ended ? 'running' : 'over'
}

const cancelled: CommonRunError = 'cancelled'
