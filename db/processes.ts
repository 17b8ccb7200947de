import { sql } from 'kysely'
import type { Db } from './database.js'

/** What others know of a process that runs. */
export interface PublishedProcess {
  readonly id: string
  readonly part: string
  /** Of the keys that it can open. */
  readonly keyIds: readonly string[]
}

/** One that was not seen for this long has ended without a word, and counts for nothing. */
export const processLostAfterMs = 60_000

const lost = sql<boolean>`seen_at < now() - ${sql.lit(processLostAfterMs)} * interval '1 millisecond'`

/** Says that a process runs, and forgets those that were lost. Called again and again. */
export async function publishProcess(
  db: Db,
  { id, part, keyIds }: PublishedProcess,
): Promise<void> {
  await db
    .with('forgotten', (qb) => qb.deleteFrom('processes').where(lost).where('id', '<>', id))
    .insertInto('processes')
    .values({ id, part, key_ids: [...keyIds] })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet({ key_ids: [...keyIds], seen_at: sql<Date>`now()` }),
    )
    .execute()
}

/** @returns the parts of the running processes that can't open what a key seals */
export async function listPartsWithoutKey(db: Db, keyId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('processes')
    .select('part')
    .distinct()
    .where(sql<boolean>`not ${lost}`)
    .where(sql<boolean>`not key_ids @> array[${keyId}]`)
    .orderBy('part')
    .execute()
  return rows.map(({ part }) => part)
}

export async function withdrawProcess(db: Db, id: string): Promise<void> {
  await db.deleteFrom('processes').where('id', '=', id).execute()
}
