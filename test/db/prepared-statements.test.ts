import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { randomUUID } from 'node:crypto'
import type { Db } from '../../db/database.js'
import { findRun } from '../../db/runs.js'
import { openTestDatabase } from '../support/database.js'

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

const countPrepared = (db: Db, text: string) =>
  sql<{ count: number }>`
    select count(*) as count from pg_prepared_statements where statement like ${text}`.execute(db)
