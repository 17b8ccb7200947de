import { type Kysely, sql } from 'kysely'

/** The processes of the cluster form that run now, each with the ids of the keys that it can open. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table processes (
      id uuid primary key,
      part text not null,
      key_ids text[] not null,
      seen_at timestamptz not null default now()
    )`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table processes`.execute(db)
}
