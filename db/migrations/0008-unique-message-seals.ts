import { type Kysely, sql } from 'kysely'

/**
 * What a message's texts are sealed for must not stand in a second row: whoever copies the texts and their seal_id
 * there would show one message twice. Many rows may have null, as messages from before seals were bound have.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create unique index messages_seal on messages (seal_id)`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop index messages_seal`.execute(db)
}
