import assert from 'node:assert/strict'
import { assertRefused } from '../support/assert-refused.js'
import { asBearer, asKey } from '../support/people.js'
import { type Answer, postJson, send } from '../support/send.js'
import { startApi, type TestApi } from '../support/start-api.js'

describe('who may call', () => {
  let api: TestApi | undefined
  const start = async (env: Record<string, string>) => (api = await startApi({ env }))
  afterEach(() => api?.close())

  const classify = (to: TestApi, headers: Record<string, string> = {}) =>
    postJson(to, '/classify-email', { text: 'Bom dia' }, headers)
  const assertUnauthorized = (answer: Answer) => {
    assertRefused(answer, 401, 'unauthorized')
    assert.equal(answer.headers['www-authenticate'], 'Bearer')
  }

  it('is everybody who shows nothing on loopback while no key is set, but for what operators do', async () => {
    const open = await start({})
    assert.equal((await classify(open)).status, 200)
    assertUnauthorized(await send(open, '/metrics'))
    assertUnauthorized(await postJson(open, '/codec/decode', { payloads: [] }))
    for (const path of ['/audit', '/models', '/accounts'])
      assertUnauthorized(await send(open, path))
    assertRefused(await send(open, '/api-keys'), 401, 'sign_in_required')
    for (const headers of [
      asKey('whatever'),
      asBearer('whatever'),
      { Authorization: 'Basic eA==' },
    ])
      assertUnauthorized(await classify(open, headers))
  })

  it('is who has a key, once one is set, in either header', async () => {
    const keyed = await start({ API_KEYS: 'first-secret, second-secret' })
    for (const secret of ['first-secret', 'second-secret']) {
      assert.equal((await classify(keyed, asKey(secret))).status, 200)
      assert.equal((await classify(keyed, asBearer(secret))).status, 200)
    }
    assertUnauthorized(await classify(keyed))
  })

  it('is nobody with a wrong key', async () => {
    const keyed = await start({ API_KEYS: 'first-secret', ALLOW_ANONYMOUS: 'classify' })
    const wrong = [
      asKey('first-secre'),
      asKey('first-secrets'),
      asKey('First-Secret'),
      asKey('first-secret,first-secret'),
      asBearer('x'),
      { ...asKey('wrong'), ...asBearer('first-secret') },
    ]
    for (const headers of wrong) assertUnauthorized(await classify(keyed, headers))
    assertUnauthorized(await send(keyed, '/metrics', { headers: asBearer('x') }))
  })

  it('is not asked for where a route is public or its uuid is the capability', async () => {
    const keyed = await start({ API_KEYS: 'first-secret' })
    for (const path of ['/', '/health', '/docs', '/openapi.json'])
      assert.equal((await send(keyed, path)).status, 200, path)
    const { json } = await classify(keyed, asKey('first-secret'))
    const id = String(json['job_id'])
    assert.equal((await send(keyed, `/job-status/${id}`)).status, 200)
    assert.equal((await send(keyed, `/job/${id}`, { method: 'DELETE' })).status, 200)
  })

  it('may do what the key’s scopes say, and a bare key is no operator', async () => {
    const keyed = await start({
      API_KEYS:
        'bare-secret,books-secret:finance+chat,boss-secret:operator,both-secret:classify+operator',
    })
    assert.equal((await classify(keyed, asKey('bare-secret'))).status, 200)
    assert.equal((await classify(keyed, asKey('both-secret'))).status, 200)
    assertRefused(await classify(keyed, asKey('books-secret')), 403, 'forbidden')
    assertRefused(await classify(keyed, asKey('boss-secret')), 403, 'forbidden')
    const forOperators = [
      (headers: Record<string, string>) => send(keyed, '/metrics', { headers }),
      (headers: Record<string, string>) =>
        postJson(keyed, '/codec/decode', { payloads: [] }, headers),
    ]
    for (const call of forOperators) {
      assert.equal((await call(asKey('boss-secret'))).status, 200)
      assert.equal((await call(asBearer('both-secret'))).status, 200)
      assertRefused(await call(asKey('bare-secret')), 403, 'forbidden')
      assertUnauthorized(await call({}))
    }
  })

  it('is everybody for the groups that ALLOW_ANONYMOUS opens, and for no others', async () => {
    const keyed = await start({ API_KEYS: 'first-secret', ALLOW_ANONYMOUS: 'classify,chat' })
    assert.equal((await classify(keyed)).status, 200)
    assertUnauthorized(await send(keyed, '/metrics'))
    await keyed.close()
    const other = await start({ API_KEYS: 'first-secret', ALLOW_ANONYMOUS: 'finance' })
    assertUnauthorized(await classify(other))
  })

  it('is asked beyond loopback too', async () => {
    const key = 'kX3vQ9-fT7wLm2_RzB8nYd'
    const keyed = await start({ HOST: '0.0.0.0', API_KEYS: key })
    assertUnauthorized(await classify(keyed))
    assert.equal((await classify(keyed, asKey(key))).status, 200)
  })
})
