import { type Insertable, type QueryCreator, sql, type Transaction } from 'kysely'
import type { Db } from './database.js'
import type { Database } from './schema/database.js'
import type { CommonRunError, RunRow, RunsTable, RunStatus } from './schema/runs.js'

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

export type NewRun = Pick<Insertable<RunsTable>, 'id' | 'kind' | 'total'>

/**
 * The statement that inserts a run, to be used as a part of the one that inserts what it works on: both are
 * there, or none is, in one round trip.
 */
export const runInsertion = (db: QueryCreator<Database>, run: NewRun) =>
  db.insertInto('runs').values(run).returning('id')

/** Takes back a run that could not be started, and what it was to work on, as if it had never been asked for. */
export async function deleteUnstartedRun(trx: Transaction<Database>, id: string): Promise<void> {
  await trx.deleteFrom('runs').where('id', '=', id).where('status', '=', 'pending').execute()
}

/** A run that its client may see: one that was removed is not found. */
export async function findRun(db: Db, id: string): Promise<RunRow | undefined> {
  return await db
    .selectFrom('runs')
    .selectAll()
    .where('id', '=', id)
    .where('removed_at', 'is', null)
    .executeTakeFirst()
}

/** Also those removed meanwhile: their sockets are owed a last frame. */
export async function findRunsForSockets(db: Db, ids: readonly string[]): Promise<RunRow[]> {
  return await db
    .selectFrom('runs')
    .selectAll()
    .where('id', '=', sql<string>`any(${ids}::uuid[])`)
    .execute()
}

export interface RunFilter {
  readonly kinds: readonly string[]
  readonly status: RunStatus | undefined
  readonly offset: number
  readonly limit: number
}

/** Newest first, without those removed. */
export async function listRuns(db: Db, filter: RunFilter): Promise<RunRow[]> {
  return await db
    .selectFrom('runs')
    .selectAll()
    .where('removed_at', 'is', null)
    .where('kind', '=', sql<string>`any(${filter.kinds}::text[])`)
    .$if(filter.status !== undefined, (query) =>
      query.where('status', '=', filter.status ?? 'pending'),
    )
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .offset(filter.offset)
    .limit(filter.limit)
    .execute()
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

/** What a run waits for: a time, or somebody (null). */
export interface RunWait extends RunPosition {
  readonly step: string
  readonly progress: number
  readonly until: Date | null
}

/**
 * That a run waits from now on: written by a step that is retried, for a workflow that is lost goes on
 * waiting by what its row says. @returns false where the run is over
 */
export async function recordWait(db: Db, id: string, wait: RunWait): Promise<boolean> {
  const { rows } = await sql`
    with updated as (
      update runs
      set status = 'waiting', step = ${wait.step}, progress = greatest(progress, ${wait.progress}),
        epoch = ${wait.epoch}, seq = ${wait.seq}, waiting_until = ${wait.until}, updated_at = now()
      where id = ${id} and is_open and (epoch, seq) <= (${wait.epoch}::bigint, ${wait.seq}::int)
      returning ${told}
    )
    select ${notify} from updated`.execute(db)
  return rows.length > 0
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

/** @param kind every kind unless told */
export async function countOpenRuns(db: Db, kind?: string): Promise<number> {
  const { count } = await db
    .selectFrom('runs')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where(kind === undefined ? isOpen : sql<boolean>`${isOpen} and kind = ${kind}`)
    .executeTakeFirstOrThrow()
  return count
}

/** Of one kind, oldest first. */
export async function listOpenRuns(
  db: Db,
  kind: string,
  limit: number,
): Promise<Pick<RunRow, 'id' | 'step' | 'progress'>[]> {
  return await db
    .selectFrom('runs')
    .select(['id', 'step', 'progress'])
    .where('kind', '=', kind)
    .where(isOpen)
    .orderBy('created_at')
    .limit(limit)
    .execute()
}

/** How many runs of each kind are at each step; those without a run are absent. */
export async function countRuns(
  db: Db,
): Promise<(Pick<RunRow, 'kind' | 'status' | 'step'> & { count: number })[]> {
  return await db
    .selectFrom('runs')
    .select((eb) => ['kind', 'status', 'step', eb.fn.countAll<number>().as('count')])
    .where('removed_at', 'is', null)
    .groupBy(['kind', 'status', 'step'])
    .execute()
}

/** Which runs are due for a look: open and silent since, or past the time they waited for. */
export interface DueRuns {
  readonly silentSince: Date
  readonly now: Date
  /** The id of the last of the page before. */
  readonly after: string | undefined
  readonly limit: number
}

/** In the order of their ids. */
export async function listDueRuns(
  db: Db,
  { silentSince, now, after, limit }: DueRuns,
): Promise<Pick<RunRow, 'id' | 'kind'>[]> {
  const { rows } = await sql<Pick<RunRow, 'id' | 'kind'>>`
    select id, kind from (
      select id, kind from runs where is_open and not is_waiting and updated_at < ${silentSince}
      union all
      select id, kind from runs where is_waiting and waiting_until < ${now}
    ) as due
    where ${after ?? null}::uuid is null or id > ${after ?? null}::uuid
    order by id
    limit ${limit}`.execute(db)
  return rows
}

/** The marks that removeRun() left, and what still hangs on them. */
export async function deleteRemovedRuns(db: Db, before: Date): Promise<number> {
  const result = await db.deleteFrom('runs').where('removed_at', '<', before).executeTakeFirst()
  return Number(result.numDeletedRows)
}

/** In the words of the two partial indexes, each of which is small: what runs, and what waits. */
const isOpen = sql<boolean>`((is_open and not is_waiting) or is_waiting)`
