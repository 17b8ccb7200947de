import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('models')
    .addColumn('id', 'integer', (column) => column.primaryKey().generatedAlwaysAsIdentity())
    .addColumn('task', 'text', (column) => column.notNull())
    .addColumn('version', 'text', (column) => column.notNull())
    .addColumn('card', 'jsonb', (column) => column.notNull())
    .addColumn('bytes', 'bytea', (column) => column.notNull())
    .addColumn('problem', 'text')
    .addColumn('created_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addUniqueConstraint('models_task_version', ['task', 'version'])
    .execute()
  // Weights of eight bits a piece hardly compress: PostgreSQL need not try each time.
  await sql`alter table models alter column bytes set storage external`.execute(db)
  await db.schema
    .createTable('model_promotions')
    .addColumn('id', 'integer', (column) => column.primaryKey().generatedAlwaysAsIdentity())
    .addColumn('task', 'text', (column) => column.notNull())
    .addColumn('model_id', 'integer', (column) => column.references('models.id'))
    .addColumn('kind', 'text', (column) =>
      column.notNull().check(sql`kind in ('promote', 'rollback')`),
    )
    .addColumn('promoted_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addColumn('promoted_by', 'text', (column) => column.notNull())
    .execute()
  await sql`create index model_promotions_newest on model_promotions (task, id desc)`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable('model_promotions').execute()
  await db.schema.dropTable('models').execute()
}
