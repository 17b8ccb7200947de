import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { compileOnce } from '../../db/compile-once.js'
import type { OpenDatabase } from '../../db/database.js'
import { findOpenClassification, insertClassification } from '../../db/classifications.js'
import { asSealed } from '../../db/sealed.js'
import { openTestDatabase } from '../support/database.js'

describe('compileOnce', () => {
  let database: OpenDatabase
  before(async () => {
    database = await openTestDatabase()
  })

  it('compiles at the first use and puts in the values of each', () => {
    let built = 0
    const query = compileOnce((db, id: string, step: 'queued' | 'done') => {
      built++
      return db.selectFrom('runs').select('id').where('id', '=', id).where('step', '=', step)
    })
    const first = query(database.db, 'a', 'queued')
    const second = query(database.db, 'b', 'done')
    assert.equal(built, 1)
    assert.deepEqual(first.parameters, ['a', 'queued'])
    assert.deepEqual(second.parameters, ['b', 'done'])
    assert.equal(first.sql, second.sql)
  })

  it('keeps values that the query itself has', () => {
    const query = compileOnce((db, id: string) =>
      db.selectFrom('runs').select('id').where('status', '=', 'pending').where('id', '=', id),
    )
    assert.deepEqual(query(database.db, 'a').parameters, ['pending', 'a'])
  })

  it('gives each of two callers at once its own rows', async () => {
    const ids = [randomUUID(), randomUUID()]
    await Promise.all(
      ids.map((id) =>
        insertClassification(database.db, {
          id,
          source: 'text',
          content: asSealed(Buffer.from(id)),
        }),
      ),
    )
    const rows = await Promise.all(ids.map((id) => findOpenClassification(database.db, id)))
    assert.deepEqual(
      rows.map((row) => row?.id),
      ids,
    )
  })
})
