import { type Kysely, sql } from 'kysely'

/** Who sent a text, so that one caller's files don't hold up another's. Older rows count as one caller's. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table classifications add column caller text`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table classifications drop column caller`.execute(db)
}
