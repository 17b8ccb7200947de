import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('accounts')
    .addColumn('id', 'integer', (column) => column.primaryKey().generatedAlwaysAsIdentity())
    .addColumn('username', 'text', (column) => column.notNull())
    // Stays taken when the account is deleted: nobody shall appear under the name of somebody who wrote mail.
    .addColumn('username_key', 'text', (column) => column.notNull().unique())
    .addColumn('password_hash', 'text')
    .addColumn('role', 'text', (column) =>
      column
        .notNull()
        .defaultTo('user')
        .check(sql`role in ('user', 'operator', 'admin')`),
    )
    .addColumn('token_generation', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('created_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addColumn('disabled_at', 'timestamptz')
    .addColumn('deleted_at', 'timestamptz')
    .execute()
  await db.schema
    .createTable('api_keys')
    .addColumn('id', 'integer', (column) => column.primaryKey().generatedAlwaysAsIdentity())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('digest', 'bytea', (column) => column.notNull().unique())
    .addColumn('scopes', sql`text[]`, (column) => column.notNull())
    .addColumn('created_by', 'integer', (column) => column.references('accounts.id'))
    .addColumn('created_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addColumn('last_used_at', 'timestamptz')
    .addColumn('revoked_at', 'timestamptz')
    .execute()
  await db.schema
    .createTable('audit')
    .addColumn('id', 'bigint', (column) => column.primaryKey().generatedAlwaysAsIdentity())
    .addColumn('at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('outcome', 'text', (column) => column.notNull())
    .addColumn('account_id', 'integer')
    .addColumn('caller', 'text')
    .addColumn('subject', 'text')
    .addColumn('address_hash', 'text')
    .addColumn('request_id', 'text')
    .execute()
  await db.schema.createIndex('audit_at').on('audit').column('at').execute()
  await db.schema
    .createTable('mail_counters')
    .addColumn('account_id', 'integer', (column) => column.primaryKey().references('accounts.id'))
    .addColumn('epoch', 'bigint', (column) =>
      column.notNull().defaultTo(sql`(extract(epoch from clock_timestamp()) * 1000)::bigint`),
    )
    .addColumn('seq', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('unread', 'integer', (column) => column.notNull().defaultTo(0))
    // Each message and each mark as read touches it; with room in its page that touches no index.
    .modifyEnd(sql`with (fillfactor = 50)`)
    .execute()
  await db.schema
    .createTable('messages')
    .addColumn('id', 'integer', (column) => column.primaryKey().generatedAlwaysAsIdentity())
    .addColumn('sender_id', 'integer', (column) => column.notNull().references('accounts.id'))
    .addColumn('recipient_id', 'integer', (column) => column.notNull().references('accounts.id'))
    .addColumn('title', 'bytea', (column) => column.notNull())
    .addColumn('body', 'bytea', (column) => column.notNull())
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addColumn('is_read', 'boolean', (column) => column.notNull().defaultTo(false))
    .addColumn('created_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .execute()
  await sql`create index messages_inbox on messages (recipient_id, id desc)`.execute(db)
  await sql`create index messages_outbox on messages (sender_id, id desc)`.execute(db)
}

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const table of ['messages', 'mail_counters', 'audit', 'api_keys', 'accounts'])
    await db.schema.dropTable(table).execute()
}
