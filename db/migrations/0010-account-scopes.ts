import { type Kysely, sql } from 'kysely'

/** What an account may do beside what its role allows. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table accounts add column scopes text[] not null default '{}'`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table accounts drop column scopes`.execute(db)
}
