import assert from 'node:assert/strict'
import { pino } from 'pino'
import { Kysely, PostgresDialect, sql } from 'kysely'
import { type OpenDatabase, openEmbeddedDatabase, openServerDatabase } from '../../db/database.js'
import { isMigrated, migrateToLatest } from '../../db/migrate.js'
import * as firstMigration from '../../db/migrations/0001-jobs.js'
import * as accountsMigration from '../../db/migrations/0002-accounts.js'
import * as openJobsMigration from '../../db/migrations/0003-open-jobs.js'
import * as modelsMigration from '../../db/migrations/0004-models.js'
import * as batchesMigration from '../../db/migrations/0005-batches.js'
import * as messageSealsMigration from '../../db/migrations/0006-message-seals.js'
import * as runsMigration from '../../db/migrations/0007-runs.js'
import * as uniqueSealsMigration from '../../db/migrations/0008-unique-message-seals.js'
import { createKeyRing } from '../../db/key-ring.js'
import { createInternalMailService } from '../../services/internal-mail/internal-mail-service.js'
import { sealUnbound } from '../support/unbound-seal.js'
import { createServerDatabase, testDatabaseUrl } from '../support/database.js'

describe('migrateToLatest', function () {
  this.timeout(60_000)
  let database: OpenDatabase
  let drop = (): Promise<void> => Promise.resolve()

  beforeEach(async () => {
    if (testDatabaseUrl === undefined) {
      database = await openEmbeddedDatabase(undefined)
      return
    }
    const created = await createServerDatabase(testDatabaseUrl)
    drop = created.drop
    database = openServerDatabase(created.url, () => undefined)
  })
  afterEach(async () => {
    await database.close()
    await drop()
  })

  const listTables = async () => {
    const { rows } = await sql<{ name: string }>`
      select table_name as name from information_schema.tables where table_schema = 'public' order by 1`.execute(
      database.db,
    )
    return rows.map(({ name }) => name).filter((name) => !name.startsWith('kysely_'))
  }

  it('makes the tables of an empty database, once', async () => {
    assert.equal(await isMigrated(database.db), false)
    assert.deepEqual(await migrateToLatest(database.db), [
      '0001-jobs',
      '0002-accounts',
      '0003-open-jobs',
      '0004-models',
      '0005-batches',
      '0006-message-seals',
      '0007-runs',
      '0008-unique-message-seals',
      '0009-callers',
      '0010-account-scopes',
      '0011-processes',
    ])
    assert.equal(await isMigrated(database.db), true)
    assert.deepEqual(await listTables(), [
      'accounts',
      'api_keys',
      'audit',
      'batch_chunks',
      'batches',
      'classifications',
      'idempotency_keys',
      'mail_counters',
      'messages',
      'model_promotions',
      'models',
      'processes',
      'rate_limits',
      'runs',
    ])
    assert.deepEqual(await migrateToLatest(database.db), [])
  })

  it('keeps the jobs of an older database, and knows which are open', async () => {
    const older = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: database.pool }) })
    await firstMigration.up(older)
    await sql`insert into jobs (id, source, status) values
      ('00000000-0000-4000-8000-000000000001', 'text', 'classifying'),
      ('00000000-0000-4000-8000-000000000002', 'text', 'completed'),
      ('00000000-0000-4000-8000-000000000003', 'text', 'failed')`.execute(database.db)
    await openJobsMigration.up(older)
    const { rows } = await sql`select status, is_open from jobs order by id`.execute(database.db)
    assert.deepEqual(rows, [
      { status: 'classifying', is_open: true },
      { status: 'completed', is_open: false },
      { status: 'failed', is_open: false },
    ])
    await openJobsMigration.down(older)
    await openJobsMigration.up(older)
  })

  it('keeps the messages of an older database, which are read as before', async () => {
    const older = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: database.pool }) })
    await accountsMigration.up(older)
    await sql`insert into accounts (username, username_key) values ('Ana', 'ana'), ('Rui', 'rui')`.execute(
      older,
    )
    const [title, body] = ['Um', 'Bom dia'].map((text) => sealUnbound('a secret', text))
    await sql`insert into messages (sender_id, recipient_id, title, body, seq)
      values (1, 2, ${title}, ${body}, 1)`.execute(older)
    await messageSealsMigration.up(older)
    const mail = createInternalMailService({
      db: database.db,
      keys: createKeyRing(['a newer secret', 'a secret']),
      log: pino({ level: 'silent' }),
    })
    const sender = { accountId: 1, username: 'Ana', generation: 0 }
    const sent = await mail.send({ sender, recipientId: 2, title: 'Dois', body: 'Boa tarde' })
    const [newer, old] = await mail.inbox({ accountId: 2 })
    assert.deepEqual(newer, sent)
    assert.ok(old !== undefined && 'title' in old)
    assert.deepEqual([old.title, old.body, old.sender_username], ['Um', 'Bom dia', 'Ana'])
    await uniqueSealsMigration.up(older)
    assert.equal((await mail.inbox({ accountId: 2 })).length, 2)
    await uniqueSealsMigration.down(older)
    await messageSealsMigration.down(older)
    await messageSealsMigration.up(older)
    // Null for both now, which is no clash.
    await uniqueSealsMigration.up(older)
  })

  it('makes runs of the jobs and batches of an older database', async () => {
    const older = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: database.pool }) })
    for (const migration of [
      firstMigration,
      accountsMigration,
      openJobsMigration,
      modelsMigration,
      batchesMigration,
    ])
      await migration.up(older)
    const id = (n: number) => `00000000-0000-4000-8000-00000000000${n}`
    await sql`insert into jobs (id, source, content, outcome, status, step, progress, error, epoch, seq, deleted_at)
      values (${id(1)}, 'text', 'a', null, 'pending', 'queued', 0, null, 0, 0, null),
        (${id(2)}, 'text', 'b', null, 'classifying', 'detecting_language', 35, null, 7, 3, null),
        (${id(3)}, 'text', 'c', 'd', 'completed', 'done', 100, null, 7, 6, null),
        (${id(4)}, 'pdf', 'e', null, 'failed', 'stopped', 15, 'pdf_damaged', 7, 3, null),
        (${id(5)}, 'text', null, null, 'failed', 'stopped', 15, 'cancelled', 7, 3, now())`.execute(
      older,
    )
    await sql`insert into batches (id, task, items, chunk_size) values (${id(6)}, 'texts', 3, 2),
      (${id(7)}, 'texts', 1, 2)`.execute(older)
    await sql`insert into batch_chunks (batch_id, index, content, result) values
      (${id(6)}, 0, 'x', 'y'), (${id(6)}, 1, 'x', null), (${id(7)}, 0, 'x', 'y')`.execute(older)
    await sql`insert into idempotency_keys (scope, key_hash, body_hash, job_id)
      values ('s', 'k', 'b', ${id(3)})`.execute(older)
    await runsMigration.up(older)
    const rows = await database.db.selectFrom('runs').selectAll().orderBy('id').execute()
    const removed = 'removed'
    assert.deepEqual(
      rows.map((row) => [
        ...[row.kind, row.status, row.step, row.progress, row.error, row.seq],
        row.ended_at !== null,
        ...(row.removed_at === null ? [] : [removed]),
      ]),
      [
        ['classification', 'pending', 'queued', 0, null, 0, false],
        ['classification', 'running', 'detecting_language', 35, null, 3, false],
        ['classification', 'completed', 'done', 100, null, 6, true],
        ['classification', 'failed', 'stopped', 15, 'pdf_damaged', 3, true],
        ['classification', 'failed', 'stopped', 15, 'cancelled', 3, true, removed],
        ['batch', 'pending', 'queued', 0, null, 0, false],
        ['batch', 'completed', 'done', 100, null, 0, true],
      ],
    )
    const texts = await database.db
      .selectFrom('classifications')
      .selectAll()
      .orderBy('id')
      .execute()
    assert.deepEqual(
      texts.map(({ content, outcome }) => [content.toString(), outcome?.toString()]),
      [
        ['a', undefined],
        ['b', undefined],
        ['c', 'd'],
        ['e', undefined],
      ],
    )
    assert.deepEqual(
      await database.db.selectFrom('idempotency_keys').select(['kind', 'target_id']).execute(),
      [{ kind: 'classification', target_id: id(3) }],
    )
  })

  it('has vectors at hand for what comes later', async () => {
    await migrateToLatest(database.db)
    const { rows } = await sql<{
      distance: number
    }>`select '[1,0]'::vector <-> '[1,2]'::vector as distance`.execute(database.db)
    assert.equal(rows[0]?.distance, 2)
  })

  it('may be called by several processes at once', async function () {
    if (testDatabaseUrl === undefined) return this.skip()
    const ran = await Promise.all([1, 2, 3].map(() => migrateToLatest(database.db)))
    assert.deepEqual(ran.flat(), [
      '0001-jobs',
      '0002-accounts',
      '0003-open-jobs',
      '0004-models',
      '0005-batches',
      '0006-message-seals',
      '0007-runs',
      '0008-unique-message-seals',
      '0009-callers',
      '0010-account-scopes',
      '0011-processes',
    ])
  })

  it('leaves nothing behind of a migration that failed', async () => {
    await sql`create table rate_limits (other int)`.execute(database.db)
    await assert.rejects(migrateToLatest(database.db), /already exists/)
    assert.deepEqual(await listTables(), ['rate_limits'])
    assert.equal(await isMigrated(database.db), false)
  })
})
