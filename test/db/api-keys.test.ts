import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import {
  findApiKey,
  insertApiKey,
  listApiKeys,
  noteApiKeyUse,
  revokeApiKey,
} from '../../db/api-keys.js'
import type { Db } from '../../db/database.js'
import { openTestDatabase } from '../support/database.js'

describe('api-keys', () => {
  let db: Db
  const digest = randomBytes(32)

  beforeEach(async () => {
    ;({ db } = await openTestDatabase())
  })

  const insert = (bytes = digest) =>
    insertApiKey(db, {
      name: 'importer',
      digest: bytes,
      scopes: ['classify', 'operator'],
      created_by: null,
    })
  const lastUsed = async () => (await listApiKeys(db))[0]?.last_used_at ?? null

  it('finds a key by its digest alone', async () => {
    const id = await insert()
    const scopes = ['classify', 'operator']
    assert.deepEqual(await findApiKey(db, digest), {
      id,
      name: 'importer',
      scopes,
      is_noted: false,
    })
    assert.equal(await findApiKey(db, randomBytes(32)), undefined)
    assert.equal(await findApiKey(db, digest.subarray(0, 31)), undefined)
    assert.equal(await findApiKey(db, Buffer.alloc(0)), undefined)
  })

  it('finds none that was revoked, which is done once', async () => {
    const id = await insert()
    assert.equal(await revokeApiKey(db, id), true)
    assert.equal(await revokeApiKey(db, id), false)
    assert.equal(await revokeApiKey(db, id + 1), false)
    assert.equal(await findApiKey(db, digest), undefined)
    assert.ok((await listApiKeys(db))[0]?.revoked_at)
  })

  it('notes a use at most once a minute', async () => {
    const id = await insert()
    await noteApiKeyUse(db, id)
    const first = await lastUsed()
    assert.ok(first)
    assert.equal((await findApiKey(db, digest))?.is_noted, true)
    await noteApiKeyUse(db, id)
    assert.deepEqual(await lastUsed(), first)

    const last_used_at = new Date(first.getTime() - 61_000)
    await db.updateTable('api_keys').set({ last_used_at }).execute()
    assert.equal((await findApiKey(db, digest))?.is_noted, false)
    await noteApiKeyUse(db, id)
    const second = await lastUsed()
    assert.ok(second && second >= first)
  })

  it('lists the newest first, without their digests', async () => {
    const ids = [await insert(), await insert(randomBytes(32))]
    const keys = await listApiKeys(db)
    assert.deepEqual(
      keys.map(({ id }) => id),
      ids.reverse(),
    )
    assert.ok(keys.every((key) => !('digest' in key)))
  })
})
