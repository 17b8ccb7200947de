import assert from 'node:assert/strict'
import { Kysely, PostgresDialect, sql } from 'kysely'
import { type OpenDatabase, openEmbeddedDatabase, openServerDatabase } from '../../db/database.js'
import { isMigrated, migrateToLatest } from '../../db/migrate.js'
import * as firstMigration from '../../db/migrations/0001-jobs.js'
import * as openJobsMigration from '../../db/migrations/0003-open-jobs.js'
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
      '0007-runs',
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
      '0007-runs',
    ])
  })

  it('leaves nothing behind of a migration that failed', async () => {
    await sql`create table rate_limits (other int)`.execute(database.db)
    await assert.rejects(migrateToLatest(database.db), /already exists/)
    assert.deepEqual(await listTables(), ['rate_limits'])
    assert.equal(await isMigrated(database.db), false)
  })
})
