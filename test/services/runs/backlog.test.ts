import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { OpenDatabase } from '../../../db/database.js'
import { createBacklog } from '../../../services/runs/backlog.js'
import { openTestDatabase } from '../../support/database.js'

describe('the backlog', () => {
  let database: OpenDatabase
  beforeEach(async () => {
    database = await openTestDatabase()
  })
  const insert = (status: 'pending' | 'running' | 'waiting' | 'completed') =>
    database.db
      .insertInto('runs')
      .values({ id: randomUUID(), kind: 'classification', status })
      .execute()

  it('has room for so many runs at one time, whoever took them on', async () => {
    let nowMs = 0
    const backlog = createBacklog({ db: database.db, maxOpen: 3, now: () => nowMs })
    await insert('pending')
    for (const status of ['waiting', 'completed'] as const) await insert(status)
    const hasRoom = async () => {
      const leave = await backlog.enter()
      leave?.()
      return leave !== undefined
    }
    assert.deepEqual(await Promise.all(Array.from({ length: 4 }, hasRoom)), [
      true,
      true,
      false,
      false,
    ])
    nowMs = 300
    await insert('running')
    assert.deepEqual([await hasRoom(), await hasRoom()], [true, false])
    await database.db.updateTable('runs').set({ status: 'completed' }).execute()
    nowMs = 600
    assert.equal(await hasRoom(), true)
  })

  it('tells that there is no room once a minute', async () => {
    let nowMs = 0
    let told = 0
    const onFull = () => (told += 1)
    const backlog = createBacklog({ db: database.db, maxOpen: 1, onFull, now: () => nowMs })
    await insert('running')
    for (let time = 0; time < 3; time++) await backlog.enter()
    assert.equal(told, 1)
    nowMs = 60_000
    await backlog.enter()
    assert.equal(told, 2)
  })

  it('counts those whose rows are still being written, however long that takes', async () => {
    let nowMs = 0
    const backlog = createBacklog({ db: database.db, maxOpen: 2, now: () => nowMs })
    const leave = await backlog.enter()
    assert.ok(leave !== undefined && (await backlog.enter()) !== undefined)
    nowMs = 300
    assert.equal(await backlog.enter(), undefined)
    leave()
    nowMs = 600
    assert.ok((await backlog.enter()) !== undefined)
  })
})
