import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import type { Db } from '../../db/database.js'
import { preparing } from '../../db/prepared-statements.js'
import { findRun } from '../../db/runs.js'
import type { Database } from '../../db/schema/database.js'
import { openTestDatabase, testDatabaseUrl } from '../support/database.js'

describe('prepared statements', () => {
  it('should parse a statement once for a connection, however often it runs', async () => {
    const { db } = await openTestDatabase()
    await db.connection().execute(async (connection) => {
      for (let time = 0; time < 3; time++) await findRun(connection, randomUUID())
      const { rows } = await countPrepared(connection, '%from "runs" where "id" = $1%removed_at%')
      assert.equal(rows[0]?.count, 1)
    })
  })

  it('should leave texts that vary without end unnamed', async () => {
    const { db } = await openTestDatabase()
    await db.connection().execute(async (connection) => {
      for (let width = 1; width <= 300; width++) {
        const values = Array.from({ length: width }, (_, value) => value)
        const { rows } = await sql<{ largest: number }>`
          select greatest(${sql.join(values.map((value) => sql`${value}::int`))}) as largest`.execute(
          connection,
        )
        assert.equal(rows[0]?.largest, width - 1)
      }
      const { rows } = await countPrepared(connection, '%')
      const count = rows[0]?.count ?? 0
      assert.ok(count > 0 && count <= 205, `${count} statements are prepared`)
    })
  })
})

const describeWithPostgres = testDatabaseUrl === undefined ? describe.skip : describe

describeWithPostgres('a connection without an answer (needs TEST_DATABASE_URL)', () => {
  it('should not be used again, nor be waited for', async () => {
    const query_timeout = 300
    const pool = new pg.Pool({ connectionString: testDatabaseUrl, max: 1, query_timeout })
    const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool: preparing(pool) }) })
    const findBackend = async (on: Db) => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(on)
      return rows[0]?.pid
    }
    const first = await findBackend(db)
    assert.equal(await findBackend(db), first)
    const asleep = db.transaction().execute((trx) => sql`select pg_sleep(20)`.execute(trx))
    await assert.rejects(asleep, /Query read timeout/)
    assert.notEqual(await findBackend(db), first)
    await db.destroy()
  })
})

const countPrepared = (db: Db, text: string) =>
  sql<{ count: number }>`
    select count(*) as count from pg_prepared_statements where statement like ${text}`.execute(db)
