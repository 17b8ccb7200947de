import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { OpenDatabase } from '../../db/database.js'
import {
  claimIdempotencyKey,
  deleteIdempotencyKeys,
  type IdempotencyKey,
  joinIdempotencyKey,
  releaseIdempotencyKey,
} from '../../db/idempotency.js'
import { openTestDatabase } from '../support/database.js'

const dayMs = 24 * 3_600_000
const key: IdempotencyKey = { scope: 'route caller', keyHash: 'k', bodyHash: 'b' }

describe('idempotency keys', () => {
  let db: OpenDatabase['db']
  beforeEach(async () => {
    ;({ db } = await openTestDatabase())
  })

  const claim = (wanted: IdempotencyKey, id: string) =>
    db.transaction().execute((trx) => claimIdempotencyKey(trx, wanted, { kind: 'thing', id }))
  const release = (wanted: IdempotencyKey) =>
    db.transaction().execute((trx) => releaseIdempotencyKey(trx, wanted))

  it('are claimed once, and say afterwards what they stand for', async () => {
    const jobId = randomUUID()
    assert.equal(await claim(key, jobId), undefined)
    assert.deepEqual(await claim(key, randomUUID()), { kind: 'thing', id: jobId, bodyHash: 'b' })
    assert.deepEqual(await claim({ ...key, bodyHash: 'other' }, randomUUID()), {
      kind: 'thing',
      id: jobId,
      bodyHash: 'b',
    })
  })

  it('stand for whatever has an id, be it a number or a uuid', async () => {
    assert.equal(await claim(key, '7'), undefined)
    assert.equal((await claim(key, randomUUID()))?.id, '7')
  })

  it('are claimed by one of many at once', async () => {
    const ids = Array.from({ length: 8 }, () => randomUUID())
    const claims = await Promise.all(ids.map((id) => claim(key, id)))
    const winners = ids.filter((_, index) => claims[index] === undefined)
    assert.equal(winners.length, 1)
    for (const known of claims) if (known !== undefined) assert.equal(known.id, winners[0])
  })

  it('stand apart by scope and by key', async () => {
    assert.equal(await claim(key, randomUUID()), undefined)
    assert.equal(await claim({ ...key, scope: 'route another' }, randomUUID()), undefined)
    assert.equal(await claim({ ...key, keyHash: 'k2' }, randomUUID()), undefined)
  })

  it('are gone with a transaction that fails', async () => {
    const failing = db.transaction().execute(async (trx) => {
      await claimIdempotencyKey(trx, key, { kind: 'thing', id: randomUUID() })
      throw new Error('no')
    })
    await assert.rejects(failing, /^Error: no$/)
    assert.equal(await claim(key, randomUUID()), undefined)
  })

  it('are taken back, unless a second caller was given the job', async () => {
    await claim(key, randomUUID())
    assert.equal(await release(key), true)
    assert.equal(await release(key), false)
    assert.equal(await joinIdempotencyKey(db, key), false)
    await claim(key, randomUUID())
    assert.equal(await joinIdempotencyKey(db, key), true)
    assert.equal(await release(key), false)
    assert.notEqual(await claim(key, randomUUID()), undefined)
  })

  it('are kept for 24 hours and then deleted', async () => {
    await claim(key, randomUUID())
    await claim({ ...key, keyHash: 'old' }, randomUUID())
    const now = Date.now()
    const aged = async (ms: number) =>
      db
        .updateTable('idempotency_keys')
        .set({ created_at: new Date(now - ms) })
        .where('key_hash', '=', 'old')
        .execute()
    await aged(dayMs - 1000)
    assert.equal(await deleteIdempotencyKeys(db, new Date(now - dayMs)), 0)
    await aged(dayMs + 1000)
    assert.equal(await deleteIdempotencyKeys(db, new Date(now - dayMs)), 1)
    assert.equal(await claim({ ...key, keyHash: 'old' }, randomUUID()), undefined)
    assert.notEqual(await claim(key, randomUUID()), undefined)
  })
})
