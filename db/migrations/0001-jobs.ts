import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create extension if not exists vector`.execute(db)
  await db.schema
    .createTable('jobs')
    .addColumn('id', 'uuid', (column) => column.primaryKey())
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('content', 'bytea')
    .addColumn('extracted', 'bytea')
    .addColumn('outcome', 'bytea')
    .addColumn('status', 'text', (column) => column.notNull().defaultTo('pending'))
    .addColumn('step', 'text', (column) => column.notNull().defaultTo('queued'))
    .addColumn('error', 'text')
    .addColumn('progress', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('epoch', 'bigint', (column) => column.notNull().defaultTo(0))
    .addColumn('seq', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('created_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addColumn('updated_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addColumn('deleted_at', 'timestamptz')
    .execute()
  // The sweeper and the health check look only for open rows, which are few.
  await sql`create index jobs_open on jobs (updated_at) where status not in ('completed', 'failed')`.execute(
    db,
  )
  await sql`create index jobs_deleted on jobs (deleted_at) where deleted_at is not null`.execute(db)
  await db.schema
    .createTable('idempotency_keys')
    .addColumn('scope', 'text', (column) => column.notNull())
    .addColumn('key_hash', 'text', (column) => column.notNull())
    .addColumn('body_hash', 'text', (column) => column.notNull())
    .addColumn('job_id', 'uuid', (column) => column.notNull())
    .addColumn('joined', 'boolean', (column) => column.notNull().defaultTo(false))
    .addColumn('created_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addPrimaryKeyConstraint('idempotency_keys_pk', ['scope', 'key_hash'])
    .execute()
  await db.schema
    .createIndex('idempotency_keys_created_at')
    .on('idempotency_keys')
    .column('created_at')
    .execute()
  await db.schema
    .createTable('rate_limits')
    .addColumn('key', 'varchar(255)', (column) => column.primaryKey())
    .addColumn('points', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('expire', 'bigint')
    .execute()
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable('rate_limits').execute()
  await db.schema.dropTable('idempotency_keys').execute()
  await db.schema.dropTable('jobs').execute()
}
