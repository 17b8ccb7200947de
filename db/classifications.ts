import { sql, type Transaction } from 'kysely'
import { compileOnce } from './compile-once.js'
import type { Db } from './database.js'
import { runInsertion } from './runs.js'
import type { Database } from './schema/database.js'
import type { ClassificationRow } from './schema/email-classification.js'
import type { Sealed } from './sealed.js'

/** Names the runs that classify one e-mail. */
export const classificationKind = 'classification'

/** Inserts a run of its kind and what it works on, in one statement. */
export async function insertClassification(
  db: Db | Transaction<Database>,
  row: Pick<ClassificationRow, 'id' | 'source' | 'content'> &
    Partial<Pick<ClassificationRow, 'caller'>>,
): Promise<void> {
  await db
    .with('run', (creator) => runInsertion(creator, { id: row.id, kind: classificationKind }))
    .insertInto('classifications')
    .values(row)
    .execute()
}

/** What a step works on; undefined where the run is gone or over. */
export async function findOpenClassification(
  db: Db,
  id: string,
): Promise<ClassificationRow | undefined> {
  const { rows } = await db.executeQuery(openClassification(db, id))
  return rows[0]
}

const openClassification = compileOnce((db, id: string) =>
  db
    .selectFrom('classifications')
    .innerJoin('runs', 'runs.id', 'classifications.id')
    .selectAll('classifications')
    .where('classifications.id', '=', id)
    .where('runs.is_open', '=', true),
)

/** Who sent what an open run works on: a keyed hash, see the schema. */
export async function findCallerOfOpen(
  db: Db,
  id: string,
): Promise<Pick<ClassificationRow, 'caller'> | undefined> {
  return await db
    .selectFrom('classifications')
    .select('caller')
    .where('id', '=', id)
    .where(ofOpenRun)
    .executeTakeFirst()
}

/** Stores what extraction read; nothing where the run is over. */
export async function updateExtracted(db: Db, id: string, extracted: Sealed): Promise<void> {
  await db
    .updateTable('classifications')
    .set({ extracted })
    .where('id', '=', id)
    .where(ofOpenRun)
    .execute()
}

/** Stores what is known so far. @returns false where the run is over: then nothing is stored */
export async function updateOutcome(db: Db, id: string, outcome: Sealed): Promise<boolean> {
  const { numAffectedRows = 0n } = await db.executeQuery(outcomeUpdate(db, id, outcome))
  return numAffectedRows > 0n
}

const ofOpenRun = sql<boolean>`exists (select from runs where runs.id = classifications.id and is_open)`

const outcomeUpdate = compileOnce((db, id: string, outcome: Sealed) =>
  db.updateTable('classifications').set({ outcome }).where('id', '=', id).where(ofOpenRun),
)

/** The results of those that are completed. */
export async function findOutcomes(
  db: Db,
  ids: readonly string[],
): Promise<Pick<ClassificationRow, 'id' | 'outcome'>[]> {
  return await db
    .selectFrom('classifications')
    .select(['id', 'outcome'])
    .where('id', '=', sql<string>`any(${ids}::uuid[])`)
    .execute()
}

/** Its texts and its result; the run's own row stays. */
export async function deleteClassification(trx: Transaction<Database>, id: string): Promise<void> {
  await trx.deleteFrom('classifications').where('id', '=', id).execute()
}
