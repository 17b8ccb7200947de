import { sql } from 'kysely'
import type { Db } from './database.js'

/** What others know of a process that runs. */
export interface PublishedProcess {
  readonly id: string
  readonly part: string
  /** Of the keys that it can open, first the one that it seals with. */
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

/** Parts of the running processes that don't fit one that starts. */
export interface UnfitParts {
  /** They can't open what it seals. */
  readonly cannotOpen: readonly string[]
  /** It can't open what they seal. */
  readonly cannotBeOpened: readonly string[]
}

/** @param keyIds of the process that starts: those that it can open, first the one that it seals with */
export async function listUnfitParts(db: Db, keyIds: readonly string[]): Promise<UnfitParts> {
  const rows = await db
    .selectFrom('processes')
    .select([
      'part',
      sql<boolean>`${keyIds[0]} <> all(key_ids)`.as('cannotOpen'),
      sql<boolean>`key_ids[1] <> all(${[...keyIds]}::text[])`.as('cannotBeOpened'),
    ])
    .where(sql<boolean>`not ${lost}`)
    .orderBy('part')
    .execute()
  const partsThat = (unfit: 'cannotOpen' | 'cannotBeOpened') => [
    ...new Set(rows.filter((row) => row[unfit]).map(({ part }) => part)),
  ]
  return { cannotOpen: partsThat('cannotOpen'), cannotBeOpened: partsThat('cannotBeOpened') }
}

export async function withdrawProcess(db: Db, id: string): Promise<void> {
  await db.deleteFrom('processes').where('id', '=', id).execute()
}
