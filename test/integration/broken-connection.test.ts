import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { isDatabaseUnavailable, openServerDatabase } from '../../db/database.js'
import { testDatabaseUrl } from '../support/database.js'

const describeWithPostgres = testDatabaseUrl === undefined ? describe.skip : describe

describeWithPostgres('a connection that PostgreSQL breaks (needs TEST_DATABASE_URL)', () => {
  it('fails the next statement where it was in use, not the process', async () => {
    const database = openServerDatabase(testDatabaseUrl ?? '', () => undefined)
    try {
      const statements = database.db.transaction().execute(async (trx) => {
        const pid = sql<{ pid: number }>`select pg_backend_pid() as pid`
        const { rows } = await pid.execute(trx)
        await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(database.db)
        // The news arrives between two statements: nobody waits for an answer on that connection.
        await sql`select pg_sleep(0.2)`.execute(database.db)
        await assert.rejects(pid.execute(trx), isDatabaseUnavailable)
      })
      await assert.rejects(statements, isDatabaseUnavailable)
      await sql`select 1`.execute(database.db)
    } finally {
      await database.close()
    }
  })
})
