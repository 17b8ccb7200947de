import { type Insertable, type QueryCreator, sql, type Transaction } from 'kysely'
import type { Db } from './database.js'
import type { Database } from './schema/database.js'
import type { RunRow, RunsTable, RunStatus } from './schema/runs.js'

export type NewRun = Pick<Insertable<RunsTable>, 'id' | 'kind' | 'total'>

/**
 * The statement that inserts a run, to be used as a part of the one that inserts what it works on: both are
 * there, or none is, in one round trip.
 */
export const runInsertion = (db: QueryCreator<Database>, run: NewRun) =>
  db.insertInto('runs').values(run).returning('id')

/**
 * Holds a run that nobody has begun, so that nobody begins it until the transaction is over.
 *
 * @returns false where it was begun, or ended
 */
export async function lockUnstartedRun(trx: Transaction<Database>, id: string): Promise<boolean> {
  const row = await trx
    .selectFrom('runs')
    .select('id')
    .where('id', '=', id)
    .where('status', '=', 'pending')
    .forUpdate()
    .executeTakeFirst()
  return row !== undefined
}

/** Takes back a run and what it was to work on, as if it had never been asked for. */
export async function deleteRun(trx: Transaction<Database>, id: string): Promise<void> {
  await trx.deleteFrom('runs').where('id', '=', id).execute()
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

/** Runs that are pending or at work. @param atMost where it stops counting */
export async function countActiveRuns(db: Db, atMost: number): Promise<number> {
  const { count } = await db
    .selectFrom((eb) =>
      eb
        .selectFrom('runs')
        .select('id')
        .where(sql<boolean>`is_open and not is_waiting`)
        .limit(atMost)
        .as('active'),
    )
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** Whether any run is under way or waits, so that a sweep may find something. */
export async function hasOpenRuns(db: Db): Promise<boolean> {
  // Each half has an index of its own.
  const { open } = await sql<{ open: boolean }>`
    select exists (select from runs where is_open and not is_waiting) or exists (select from runs where is_waiting) as open
  `
    .execute(db)
    .then(({ rows }) => rows[0] ?? { open: false })
  return open
}

/** Whether a run was accepted since then. */
export async function hasRunsSince(db: Db, since: Date): Promise<boolean> {
  const newest = await db
    .selectFrom('runs')
    .select('id')
    .where('created_at', '>', since)
    .limit(1)
    .executeTakeFirst()
  return newest !== undefined
}

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

const maxDeletedAtOnce = 1_000

/**
 * Runs that ended before then, and all that hangs on them: some at a time, so that nobody waits for long behind it.
 *
 * @returns how many
 */
export async function deleteEndedRuns(db: Db, before: Date): Promise<number> {
  for (let deleted = 0; ;) {
    // What ended before then was made before then: so the index of the newest finds it.
    const { numDeletedRows } = await db
      .deleteFrom('runs')
      .where('id', 'in', (eb) =>
        eb
          .selectFrom('runs')
          .select('id')
          .where('created_at', '<', before)
          .where('ended_at', '<', before)
          .orderBy('created_at')
          .limit(maxDeletedAtOnce),
      )
      .executeTakeFirst()
    deleted += Number(numDeletedRows)
    if (numDeletedRows < maxDeletedAtOnce) return deleted
  }
}

/** In the words of the two partial indexes, each of which is small: what runs, and what waits. */
const isOpen = sql<boolean>`((is_open and not is_waiting) or is_waiting)`
