import assert from 'node:assert/strict'
import { deleteAudit, listAudit, recordAudit } from '../../db/audit.js'
import type { Db } from '../../db/database.js'
import { openTestDatabase } from '../support/database.js'

describe('audit', () => {
  let db: Db

  beforeEach(async () => {
    ;({ db } = await openTestDatabase())
  })

  it('keeps what it is told, and when', async () => {
    await recordAudit(db, {
      action: 'sign_in',
      outcome: 'refused',
      accountId: 3,
      caller: 'account:3',
      subject: 'abc',
      addressHash: 'def',
      requestId: 'r1',
    })
    const [row] = await listAudit(db, { limit: 10 })
    assert.ok(row)
    const { id, at, ...rest } = row
    assert.deepEqual(rest, {
      action: 'sign_in',
      outcome: 'refused',
      account_id: 3,
      caller: 'account:3',
      subject: 'abc',
      address_hash: 'def',
      request_id: 'r1',
    })
    assert.ok(id > 0)
    assert.ok(Math.abs(at.getTime() - Date.now()) < 60_000)
  })

  it('lists the newest first, a page at a time', async () => {
    for (const outcome of ['a', 'b', 'c', 'd']) await recordAudit(db, { action: 'access', outcome })
    const first = await listAudit(db, { limit: 3 })
    assert.deepEqual(
      first.map(({ outcome }) => outcome),
      ['d', 'c', 'b'],
    )
    const rest = await listAudit(db, { limit: 3, before: first.at(-1)!.id })
    assert.deepEqual(
      rest.map(({ outcome }) => outcome),
      ['a'],
    )
  })

  it('deletes what is older', async () => {
    const before = new Date('2026-01-02T03:04:05.678Z')
    const rows = [-1, 0, 1].map((ms) => ({
      action: 'access' as const,
      outcome: `${ms}`,
      at: new Date(before.getTime() + ms),
      ...{ account_id: null, caller: null, subject: null, address_hash: null, request_id: null },
    }))
    await db.insertInto('audit').values(rows).execute()
    assert.equal(await deleteAudit(db, before), 1)
    const left = await listAudit(db, { limit: 10 })
    assert.deepEqual(
      left.map(({ outcome }) => outcome),
      ['1', '0'],
    )
  })
})
