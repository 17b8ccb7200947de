import { type Kysely, sql } from 'kysely'

/**
 * A job's row is written some ten times in its short life. With room in its page, and as long as no column
 * that an index names changes, that touches no index (heap-only tuples): so the index of the open jobs, which
 * the sweeper and the health check read, names what stays.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table jobs set (fillfactor = 60)`.execute(db)
  await sql`alter table jobs add column is_open boolean not null
    generated always as (status not in ('completed', 'failed')) stored`.execute(db)
  await sql`drop index jobs_open`.execute(db)
  await sql`create index jobs_open on jobs (created_at) where is_open`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop index jobs_open`.execute(db)
  await sql`alter table jobs drop column is_open`.execute(db)
  await sql`alter table jobs reset (fillfactor)`.execute(db)
  await sql`create index jobs_open on jobs (updated_at) where status not in ('completed', 'failed')`.execute(
    db,
  )
}
