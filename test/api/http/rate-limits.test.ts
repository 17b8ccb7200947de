import assert from 'node:assert/strict'
import { createKeyedHash } from '../../../db/key-ring.js'
import { deleteExpiredRateLimits } from '../../../db/rate-limits.js'
import { assertRefused } from '../support/assert-refused.js'
import { countRows } from '../support/count-rows.js'
import { asBearer, createPerson } from '../support/people.js'
import { postJson, send } from '../support/send.js'
import { startApi, type TestApi } from '../support/start-api.js'

describe('the limit on POSTs', () => {
  const apis: TestApi[] = []
  const start = async (env: Record<string, string>) => {
    const api = await startApi({
      env,
      ...(apis[0] === undefined ? {} : { database: apis[0].database }),
    })
    apis.push(api)
    return api
  }
  afterEach(async () => {
    for (const api of apis.splice(0)) await api.close()
  })
  const post = (api: TestApi, headers: Record<string, string> = {}) =>
    postJson(api, '/classify-email', { text: 'Bom dia' }, headers)

  it('refuses what is above it, says when to come back, and does nothing', async () => {
    const api = await start({ POST_LIMIT_PER_MINUTE: '2' })
    assert.deepEqual([(await post(api)).status, (await post(api)).status], [200, 200])
    const refused = await post(api)
    assertRefused(refused, 429, 'too_many_requests')
    const seconds = Number(refused.headers['retry-after'])
    assert.ok(Number.isInteger(seconds) && seconds >= 1 && seconds <= 60, String(seconds))
    assert.equal((await countRows(api.database)).runs, 2)
    assert.equal((await send(api, '/health')).status, 200)
  })

  it('is shared by several APIs on one database', async () => {
    const first = await start({ POST_LIMIT_PER_MINUTE: '2' })
    const second = await start({ POST_LIMIT_PER_MINUTE: '2' })
    assert.equal((await post(first)).status, 200)
    assert.equal((await post(second)).status, 200)
    assert.equal((await post(first)).status, 429)
    assert.equal((await post(second)).status, 429)
  })

  it('counts each key by itself, whatever the address', async () => {
    const api = await start({ POST_LIMIT_PER_MINUTE: '1', API_KEYS: 'first-secret,second-secret' })
    assert.equal((await post(api, { 'X-API-Key': 'first-secret' })).status, 200)
    assert.equal((await post(api, { 'X-API-Key': 'second-secret' })).status, 200)
    assert.equal((await post(api, { Authorization: 'Bearer first-secret' })).status, 429)
  })

  it('counts each account by itself, and who is nobody by the address', async () => {
    const api = await start({ POST_LIMIT_PER_MINUTE: '1', API_KEYS: 'first-secret' })
    const ana = await createPerson(api, 'Ana')
    const rui = await createPerson(api, 'Rui')
    assert.equal((await post(api, ana.headers)).status, 200)
    assert.equal((await post(api, rui.headers)).status, 200)
    assert.equal((await post(api, ana.headers)).status, 429)
    assert.equal((await post(api, asBearer('a.b.c'))).status, 401)
    assert.equal((await post(api, asBearer('d.e.f'))).status, 429)
  })

  it('counts an address as the trusted proxy saw it, not as the client says', async () => {
    const api = await start({ POST_LIMIT_PER_MINUTE: '1', TRUST_PROXY: '1' })
    const from = (hops: string) => post(api, { 'X-Forwarded-For': hops })
    assert.equal((await from('198.51.100.7')).status, 200)
    assert.equal((await from('198.51.100.8')).status, 200)
    assert.equal((await from('203.0.113.9, 198.51.100.7')).status, 429)
  })

  it('believes no X-Forwarded-For without a trusted proxy', async () => {
    const api = await start({ POST_LIMIT_PER_MINUTE: '1' })
    assert.equal((await post(api, { 'X-Forwarded-For': '198.51.100.7' })).status, 200)
    assert.equal((await post(api, { 'X-Forwarded-For': '198.51.100.8' })).status, 429)
  })

  it('stores no address', async () => {
    const api = await start({ POST_LIMIT_PER_MINUTE: '5', TRUST_PROXY: '1' })
    await post(api, { 'X-Forwarded-For': '198.51.100.7' })
    const rows = await api.database.db.selectFrom('rate_limits').selectAll().execute()
    assert.equal(rows.length, 1)
    assert.match(rows[0]!.key, /^post:[0-9a-f]{32}$/)
    assert.notEqual(
      rows[0]!.key.slice(5),
      createKeyedHash('')('post-limit', '198.51.100.7').slice(0, 32),
    )
  })

  it('is open again when its minute is over, and its row can be swept', async () => {
    const api = await start({ POST_LIMIT_PER_MINUTE: '1' })
    await post(api)
    assert.equal((await post(api)).status, 429)
    const { db } = api.database
    await deleteExpiredRateLimits(db, Date.now())
    assert.equal((await post(api)).status, 429)
    await db
      .updateTable('rate_limits')
      .set({ expire: Date.now() - 1 })
      .execute()
    assert.equal((await post(api)).status, 200)
    await deleteExpiredRateLimits(db, Date.now() + 61_000)
    assert.deepEqual(await db.selectFrom('rate_limits').selectAll().execute(), [])
  })
})
