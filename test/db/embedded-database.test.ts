import assert from 'node:assert/strict'
import { type OpenDatabase, openEmbeddedDatabase } from '../../db/database.js'

describe('the embedded database', function () {
  this.timeout(60_000)
  let database: OpenDatabase
  before(async () => {
    database = await openEmbeddedDatabase(undefined)
  })
  after(() => database.close())

  it('answers the next statements of its pool though one has failed', async () => {
    const { pool } = database
    for (let turn = 0; turn < 20; turn++) {
      const answers = await Promise.allSettled([
        pool.query('select 1 / 0'),
        pool.query('select 1 as one'),
        pool.query('select 1 / 0'),
        pool.query('select 1 as one'),
      ])
      assert.deepEqual(
        answers.map((answer) =>
          answer.status === 'fulfilled'
            ? answer.value.rows
            : (answer.reason as Error).message.includes('division by zero'),
        ),
        [true, [{ one: 1 }], true, [{ one: 1 }]],
      )
      await assert.rejects(pool.query('select 1 / 0'), /division by zero/)
      assert.deepEqual((await pool.query('select 1 as one')).rows, [{ one: 1 }])
    }
  })
})
