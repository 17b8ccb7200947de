import { type Kysely, sql } from 'kysely'

/**
 * What takes time is a run. A job's state moves to `runs`; what it works on stays where it is, in a table
 * that is now called `classifications`: no text is copied. Idempotency keys may stand for anything with an id.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('runs')
    .addColumn('id', 'uuid', (column) => column.primaryKey())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull().defaultTo('pending'))
    .addColumn('is_open', 'boolean', (column) =>
      column
        .notNull()
        .generatedAlwaysAs(sql`status not in ('completed', 'failed')`)
        .stored(),
    )
    .addColumn('is_waiting', 'boolean', (column) =>
      column
        .notNull()
        .generatedAlwaysAs(sql`status = 'waiting'`)
        .stored(),
    )
    .addColumn('step', 'text', (column) => column.notNull().defaultTo('queued'))
    .addColumn('progress', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('done', 'integer')
    .addColumn('total', 'integer')
    .addColumn('error', 'text')
    .addColumn('epoch', 'bigint', (column) => column.notNull().defaultTo(0))
    .addColumn('seq', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('waiting_until', 'timestamptz')
    .addColumn('created_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addColumn('updated_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addColumn('ended_at', 'timestamptz')
    .addColumn('removed_at', 'timestamptz')
    // A row is written some ten times in its short life. With room in its page, and as long as no column that
    // an index names changes, that touches no index (heap-only tuples): so indexes name what stays.
    .modifyEnd(sql`with (fillfactor = 60)`)
    .execute()
  await sql`create index runs_active on runs (created_at) where is_open and not is_waiting`.execute(
    db,
  )
  await sql`create index runs_waiting on runs (waiting_until) where is_waiting`.execute(db)
  await sql`create index runs_newest on runs (created_at desc, id desc)`.execute(db)
  await sql`create index runs_removed on runs (removed_at) where removed_at is not null`.execute(db)

  await sql`
    insert into runs (id, kind, status, step, progress, error, epoch, seq, created_at, updated_at, ended_at,
      removed_at)
    select id, 'classification',
      case when status in ('pending', 'completed', 'failed') then status else 'running' end,
      step, progress, error, epoch, seq, created_at, updated_at,
      case when status in ('completed', 'failed') then updated_at end, deleted_at
    from jobs`.execute(db)
  await sql`delete from jobs where deleted_at is not null`.execute(db)
  // Its generated column first, then what that is made of; indexes go with their columns.
  await sql`alter table jobs drop column is_open`.execute(db)
  await sql`alter table jobs drop column status, drop column step, drop column error, drop column progress,
    drop column epoch, drop column seq, drop column created_at, drop column updated_at,
    drop column deleted_at`.execute(db)
  await sql`alter table jobs rename to classifications`.execute(db)
  await sql`alter table classifications rename constraint jobs_pkey to classifications_pkey`.execute(
    db,
  )
  await sql`alter table classifications alter column content set not null,
    add foreign key (id) references runs (id) on delete cascade`.execute(db)

  await sql`
    insert into runs (id, kind, status, step, progress, created_at, updated_at, ended_at, done, total)
    select id, 'batch', case when is_done then 'completed' else 'pending' end,
      case when is_done then 'done' else 'queued' end, case when is_done then 100 else 0 end,
      created_at, created_at, case when is_done then now() end, case when is_done then items end, items
    from batches
    cross join lateral (
      select not exists (select from batch_chunks where batch_id = batches.id and result is null) as is_done
    ) as chunks`.execute(db)
  await sql`alter table batches add foreign key (id) references runs (id) on delete cascade`.execute(
    db,
  )
  await sql`alter table batches drop column created_at`.execute(db)

  await sql`alter table idempotency_keys alter column job_id type text using job_id::text`.execute(
    db,
  )
  await sql`alter table idempotency_keys rename column job_id to target_id`.execute(db)
  await sql`alter table idempotency_keys add column kind text not null default 'classification'`.execute(
    db,
  )
  await sql`alter table idempotency_keys alter column kind drop default`.execute(db)
}

/** There is no way back: runs of later kinds would have no place in the table of jobs. */
export function down(): Promise<void> {
  return Promise.reject(new Error('Restore a backup made before migration 0007.'))
}
