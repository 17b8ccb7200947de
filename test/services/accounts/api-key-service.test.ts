import assert from 'node:assert/strict'
import type { AccountService } from '../../../services/accounts/account-service.js'
import type { OpenDatabase } from '../../../db/database.js'
import { openTestDatabase } from '../../support/database.js'
import { createTestService, password } from './test-account-service.js'

describe('createApiKeyService', () => {
  let database: OpenDatabase
  let service: AccountService

  beforeEach(async () => {
    database = await openTestDatabase()
    service = createTestService(database)
  })

  it('makes keys that differ, and keeps none of them', async () => {
    const keys = [
      await service.createKey({ name: 'one', scopes: ['classify'] }),
      await service.createKey({ name: 'two', scopes: ['classify'] }),
    ]
    const rows = JSON.stringify(await database.db.selectFrom('api_keys').selectAll().execute())
    for (const { secret } of keys) {
      assert.match(secret, /^trg_[\w-]{43}$/)
      assert.ok(!rows.includes(secret))
    }
    assert.notEqual(keys[0]?.secret, keys[1]?.secret)
  })

  it('knows a key by its secret, and says what it may', async () => {
    const { id, secret } = await service.createKey({ name: 'one', scopes: ['finance', 'chat'] })
    const known = { id, name: 'one', scopes: ['finance', 'chat'] }
    assert.deepEqual(await service.authenticateKey(secret), known)
    for (const other of [
      '',
      'trg_',
      secret.slice(0, -1),
      `${secret}A`,
      `${secret}\n`,
      secret.toLowerCase(),
      secret.slice(4),
      `trg_${'A'.repeat(43)}`,
    ])
      assert.equal(await service.authenticateKey(other), undefined)
  })

  it('knows no key that was revoked', async () => {
    const { id, secret } = await service.createKey({ name: 'one', scopes: ['classify'] })
    assert.equal(await service.revokeKey(id), true)
    assert.equal(await service.authenticateKey(secret), undefined)
    assert.equal(await service.revokeKey(id), false)
  })

  it('lists keys with their maker, their last use and their end', async () => {
    const { id: createdBy } = await service.register({ username: 'Ana', password })
    const { id, secret } = await service.createKey({ name: 'one', scopes: ['operator'], createdBy })
    const [fresh] = await service.listKeys()
    assert.ok(fresh)
    const { createdAt, ...rest } = fresh
    assert.ok(createdAt instanceof Date)
    assert.deepEqual(rest, {
      id,
      name: 'one',
      scopes: ['operator'],
      createdBy,
      lastUsedAt: null,
      revokedAt: null,
    })
    await service.authenticateKey(secret)
    await service.revokeKey(id)
    const [ended] = await service.listKeys()
    assert.ok(ended?.lastUsedAt instanceof Date)
    assert.ok(ended.revokedAt instanceof Date)
  })

  it('writes a use at most once a minute', async () => {
    const { secret } = await service.createKey({ name: 'one', scopes: ['classify'] })
    const lastUse = async () => (await service.listKeys())[0]?.lastUsedAt
    await service.authenticateKey(secret)
    const first = await lastUse()
    await service.authenticateKey(secret)
    assert.deepEqual(await lastUse(), first)
    const last_used_at = new Date(Date.now() - 120_000)
    await database.db.updateTable('api_keys').set({ last_used_at }).execute()
    await service.authenticateKey(secret)
    assert.notDeepEqual(await lastUse(), last_used_at)
  })
})
