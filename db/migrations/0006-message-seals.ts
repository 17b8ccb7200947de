import { type Kysely, sql } from 'kysely'

/** Null for the messages that are there already: their texts were sealed without a place. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table messages add column seal_id uuid`.execute(db)
}

/** Texts that were sealed for their place can't be opened without the column. */
export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table messages drop column seal_id`.execute(db)
}
