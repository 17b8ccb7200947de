import assert from 'node:assert/strict'
import { assertRefused } from '../../support/assert-refused.js'
import { asBearer, asKey, createPerson, type Person } from '../../support/people.js'
import { postJson, send } from '../../support/send.js'
import { startApi, type TestApi } from '../../support/start-api.js'

describe('API keys in the database', () => {
  let api: TestApi
  let ada: Person
  beforeEach(async () => {
    api = await startApi({ env: { API_KEYS: 'bare-secret' } })
    ada = await createPerson(api, 'Ada', 'admin')
  })
  afterEach(() => api.close())

  const create = async (name: string, ...scopes: string[]) => {
    const { status, json } = await postJson(api, '/api-keys', { name, scopes }, ada.headers)
    assert.equal(status, 200)
    return { id: Number(json['id']), secret: String(json['secret']) }
  }
  const list = async () => (await send(api, '/api-keys', { headers: ada.headers })).list
  const revoke = (id: number | string) =>
    send(api, `/api-keys/${id}`, { method: 'DELETE', headers: ada.headers })
  const classify = (headers: Record<string, string>) =>
    postJson(api, '/classify-email', { text: 'Bom dia' }, headers)

  it('open what their scopes say, beside those of API_KEYS, in either header', async () => {
    const { secret } = await create('site', 'classify')
    assert.match(secret, /^trg_[\w-]{43}$/)
    assert.equal((await classify(asKey(secret))).status, 200)
    assert.equal((await classify(asBearer(secret))).status, 200)
    assert.equal((await classify(asKey('bare-secret'))).status, 200)
    assertRefused(await send(api, '/metrics', { headers: asKey(secret) }), 403, 'forbidden')
    assertRefused(await classify(asKey(`${secret}a`)), 401, 'unauthorized')
    const panel = await create('painel', 'operator')
    assert.equal((await send(api, '/metrics', { headers: asKey(panel.secret) })).status, 200)
    assertRefused(await classify(asKey(panel.secret)), 403, 'forbidden')
  })

  it('are listed with their last use, and their secret is nowhere', async () => {
    const { id, secret } = await create('site', 'classify', 'chat')
    assert.equal((await list())[0]?.['last_used_at'], null)
    await classify(asKey(secret))
    const [key, ...others] = await list()
    assert.deepEqual(others, [])
    const { created_at: createdAt, last_used_at: lastUsedAt, ...rest } = key ?? {}
    assert.deepEqual(rest, {
      id,
      name: 'site',
      scopes: ['classify', 'chat'],
      created_by: ada.id,
      revoked_at: null,
    })
    for (const moment of [createdAt, lastUsedAt])
      assert.ok(Math.abs(Date.parse(String(moment)) - Date.now()) < 60_000, String(moment))
    const rows = await api.database.db.selectFrom('api_keys').selectAll().execute()
    assert.ok(!JSON.stringify([rows, await list()]).includes(secret.slice(4)))
  })

  it('open nothing once they are revoked', async () => {
    const { id, secret } = await create('site', 'classify')
    assert.equal((await revoke(id)).json['message'], 'Chave revogada.')
    assertRefused(await classify(asKey(secret)), 401, 'unauthorized')
    assert.notEqual((await list())[0]?.['revoked_at'], null)
    for (const unknown of [id, 0, 'x', 2_000_000_000, '99999999999'])
      assertRefused(await revoke(unknown), 404, 'key_not_found')
  })

  it('have a name that is seen and scopes that there are', async () => {
    const bad = [
      {},
      { name: '', scopes: ['classify'] },
      { name: '  ', scopes: ['classify'] },
      { name: 'a\0', scopes: ['classify'] },
      { name: 'a'.repeat(101), scopes: ['classify'] },
      { name: 'site', scopes: [] },
      { name: 'site', scopes: ['admin'] },
      { name: 'site', scopes: 'classify' },
    ]
    for (const body of bad) {
      const { status, json } = await postJson(api, '/api-keys', body, ada.headers)
      assert.deepEqual([status, json['code']], [422, 'invalid_field'], JSON.stringify(body))
    }
    assert.deepEqual(await list(), [])
  })
})
