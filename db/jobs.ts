import { CompiledQuery, sql, type SqlBool, type Transaction } from 'kysely'
import { compileOnce } from './compile-once.js'
import type { Db } from './database.js'
import {
  type Database,
  type JobError,
  type JobRow,
  type JobSource,
  type JobStatus,
  type JobStep,
} from './schema.js'
import type { Sealed } from './sealed.js'

/** Channel of NOTIFY that carries JobProgress as JSON. */
export const jobProgressChannel = 'triagem_job_progress'

/** Everything a reader may see of a job without its text. */
export type JobStateRow = Omit<JobRow, 'content' | 'extracted' | 'is_open'>

/** A job's absolute state at one moment, as it travels by NOTIFY: no text, no result. */
export interface JobProgress {
  readonly id: string
  readonly status: JobStatus
  readonly step: JobStep
  readonly progress: number
  readonly epoch: number
  readonly seq: number
}

const stateColumns = [
  'id',
  'source',
  'outcome',
  'status',
  'step',
  'error',
  'progress',
  'epoch',
  'seq',
  'created_at',
  'updated_at',
  'deleted_at',
] as const

export async function insertJob(
  trx: Db | Transaction<Database>,
  job: Pick<JobRow, 'id' | 'source' | 'content'>,
): Promise<void> {
  await trx.executeQuery(insertion(trx, job.id, job.source, job.content))
}

const insertion = compileOnce((db, id: string, source: JobSource, content: Sealed | null) =>
  db.insertInto('jobs').values({ id, source, content }),
)

/** Takes back a job that could not be started, as if it had never been asked for. */
export async function deleteUnstartedJob(trx: Transaction<Database>, id: string): Promise<void> {
  await trx.deleteFrom('jobs').where('id', '=', id).where('status', '=', 'pending').execute()
}

/** A job that its client may see: one that was removed is not found. */
export async function findJob(db: Db, id: string): Promise<JobStateRow | undefined> {
  const { rows } = await db.executeQuery(visibleJob(db, id))
  return rows[0]
}

const visibleJob = compileOnce((db, id: string) =>
  db.selectFrom('jobs').select(stateColumns).where('id', '=', id).where('deleted_at', 'is', null),
)

/** Also those removed meanwhile: their sockets are owed a last frame. */
export async function findJobsForSockets(db: Db, ids: readonly string[]): Promise<JobStateRow[]> {
  const { rows } = await db.executeQuery(jobsOfSockets(db, ids))
  return rows
}

const jobsOfSockets = compileOnce((db, ids: readonly string[]) =>
  db
    .selectFrom('jobs')
    .select(stateColumns)
    .where('id', '=', sql<string>`any(${ids}::uuid[])`),
)

/** What an activity works on; undefined where the job is gone or over. */
export async function findOpenJob(
  db: Db,
  id: string,
): Promise<Pick<JobRow, 'source' | 'content' | 'extracted' | 'outcome'> | undefined> {
  const { rows } = await db.executeQuery(openJob(db, id))
  return rows[0]
}

const openJob = compileOnce((db, id: string) =>
  db
    .selectFrom('jobs')
    .select(['source', 'content', 'extracted', 'outcome'])
    .where('id', '=', id)
    .where(isOpen),
)

/** Stores what extraction read; nothing where the job is over. */
export async function updateExtracted(db: Db, id: string, extracted: Sealed): Promise<void> {
  await db.updateTable('jobs').set({ extracted }).where('id', '=', id).where(isOpen).execute()
}

/** Stores what is known so far. @returns false where the job is over: then nothing is stored */
export async function updateOutcome(db: Db, id: string, outcome: Sealed): Promise<boolean> {
  const { numAffectedRows = 0n } = await db.executeQuery(outcomeUpdate(db, id, outcome))
  return numAffectedRows > 0n
}

const outcomeUpdate = compileOnce((db, id: string, outcome: Sealed) =>
  db.updateTable('jobs').set({ outcome }).where('id', '=', id).where(isOpen),
)

/**
 * Steps on the way, of any number of jobs: written and notified in one statement, each only if newer than
 * what its row says. Nobody waits for the disk: a step that a crash of the server loses is followed by the
 * next one or by the end.
 *
 * @param steps at most one for each job
 */
export async function recordProgress(db: Db, steps: readonly JobProgress[]): Promise<void> {
  const columns = [
    steps.map(({ id }) => id),
    steps.map(({ status }) => status),
    steps.map(({ step }) => step),
    steps.map(({ progress }) => progress),
    steps.map(({ epoch }) => epoch),
    steps.map(({ seq }) => seq),
  ]
  await db.executeQuery(CompiledQuery.raw(recordProgressText, columns))
}

// Texts, not builders: these two run at every step of every job, and compiling them cost more than running.
const recordProgressText = `
  with said as (
    select * from unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::bigint[], $6::int[])
      as said (id, status, step, progress, epoch, seq)
  ), updated as (
    update jobs
    set status = said.status, step = said.step, progress = greatest(jobs.progress, said.progress),
      epoch = said.epoch, seq = said.seq, updated_at = now()
    from said
    where jobs.id = said.id and jobs.is_open
      and (jobs.epoch, jobs.seq) < (said.epoch, said.seq)
    returning jobs.id, jobs.status, jobs.step, jobs.progress, jobs.epoch, jobs.seq
  )
  select pg_notify('${jobProgressChannel}', row_to_json(updated)::text),
    set_config('synchronous_commit', 'off', true)
  from updated`

const recordEndText = `
  with updated as (
    update jobs
    set status = $2, step = case when $2 = 'completed' then 'done' else 'stopped' end,
      progress = case when $2 = 'completed' then 100 else progress end,
      error = $3, outcome = case when $2 = 'completed' then outcome end,
      epoch = greatest(epoch, $4::bigint),
      seq = 1 + case when (epoch, seq) < ($4::bigint, $5::int) then $5::int else seq end,
      updated_at = now()
    where id = $1 and is_open
    returning id, status, step, progress, epoch, seq
  )
  select pg_notify('${jobProgressChannel}', row_to_json(updated)::text) from updated`

export type JobEnd =
  { readonly status: 'completed' } | { readonly status: 'failed'; readonly error: JobError }

/** How far a run has come: what follows must be newer. */
export type JobPosition = Pick<JobProgress, 'epoch' | 'seq'>

/**
 * The end: written and notified in one statement, once.
 *
 * @param reached the last position that the run reported, for its steps may not all have reached the row:
 *   the end's own seq must be newer than anything a reader has seen
 * @returns false where the job was over already or is gone
 */
export async function recordEnd(
  db: Db | Transaction<Database>,
  id: string,
  end: JobEnd,
  reached: JobPosition = { epoch: 0, seq: 0 },
): Promise<boolean> {
  const error = end.status === 'failed' ? end.error : null
  const { rows } = await db.executeQuery(
    CompiledQuery.raw(recordEndText, [id, end.status, error, reached.epoch, reached.seq]),
  )
  return rows.length > 0
}

/**
 * Removes a job's text and result. The row stays a while as a mark, so that its sockets get their last
 * frame and a late worker finds it over.
 *
 * @returns `running` where it was not over, `over` where it was, undefined where there is none
 */
export async function removeJob(db: Db, id: string): Promise<'running' | 'over' | undefined> {
  return await db.transaction().execute(async (trx) => {
    const ended = await recordEnd(trx, id, { status: 'failed', error: 'cancelled' })
    const removed = await trx
      .updateTable('jobs')
      .set({ content: null, extracted: null, outcome: null, deleted_at: new Date() })
      .where('id', '=', id)
      .where('deleted_at', 'is', null)
      .executeTakeFirst()
    if (removed.numUpdatedRows === 0n) return undefined
    return ended ? 'running' : 'over'
  })
}

export async function countOpenJobs(db: Db): Promise<number> {
  const { count } = await db
    .selectFrom('jobs')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where(isOpen)
    .executeTakeFirstOrThrow()
  return count
}

export async function listOpenJobs(
  db: Db,
  limit: number,
): Promise<Pick<JobRow, 'id' | 'status' | 'progress'>[]> {
  return await db
    .selectFrom('jobs')
    .select(['id', 'status', 'progress'])
    .where(isOpen)
    .orderBy('created_at')
    .limit(limit)
    .execute()
}

/** How many jobs are in each state; states without a job are absent. */
export async function countJobsByStatus(db: Db): Promise<{ status: JobStatus; count: number }[]> {
  return await db
    .selectFrom('jobs')
    .select((eb) => ['status', eb.fn.countAll<number>().as('count')])
    .where('deleted_at', 'is', null)
    .groupBy('status')
    .execute()
}

/** Ids of open jobs of which nothing was heard since `before`, in the order of the ids, `after` one of them. */
export async function listSilentJobIds(
  db: Db,
  { before, after, limit }: { before: Date; after: string | undefined; limit: number },
): Promise<string[]> {
  const rows = await db
    .selectFrom('jobs')
    .select('id')
    .where(isOpen)
    .where('updated_at', '<', before)
    .$if(after !== undefined, (query) => query.where('id', '>', after ?? ''))
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map((row) => row.id)
}

/** The marks that removeJob() left. */
export async function deleteRemovedJobs(db: Db, before: Date): Promise<number> {
  const result = await db.deleteFrom('jobs').where('deleted_at', '<', before).executeTakeFirst()
  return Number(result.numDeletedRows)
}

const isOpen = sql<SqlBool>`is_open`
