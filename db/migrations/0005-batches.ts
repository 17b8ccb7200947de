import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('batches')
    .addColumn('id', 'uuid', (column) => column.primaryKey())
    .addColumn('task', 'text', (column) => column.notNull())
    .addColumn('items', 'integer', (column) => column.notNull())
    .addColumn('chunk_size', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .execute()
  await db.schema
    .createTable('batch_chunks')
    .addColumn('batch_id', 'uuid', (column) =>
      column.notNull().references('batches.id').onDelete('cascade'),
    )
    .addColumn('index', 'integer', (column) => column.notNull())
    .addColumn('content', 'bytea', (column) => column.notNull())
    .addColumn('result', 'bytea')
    .addColumn('model_version', 'text')
    .addPrimaryKeyConstraint('batch_chunks_pk', ['batch_id', 'index'])
    .execute()
  // What is sealed does not compress.
  await sql`alter table batch_chunks
    alter column content set storage external,
    alter column result set storage external`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable('batch_chunks').execute()
  await db.schema.dropTable('batches').execute()
}
