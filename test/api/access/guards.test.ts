import assert from 'node:assert/strict'
import { assertRefused } from '../support/assert-refused.js'
import { asKey } from '../support/people.js'
import { type Answer, postJson, send } from '../support/send.js'
import { startApi, type TestApi } from '../support/start-api.js'

const page = 'http://localhost:3000'
const temporalUi = 'http://127.0.0.1:8233'

const allowed = ({ headers }: Answer) => headers['access-control-allow-origin']
const preflight = (api: TestApi, path: string, origin: string, method = 'POST') =>
  send(api, path, {
    method: 'OPTIONS',
    headers: {
      Origin: origin,
      'Access-Control-Request-Method': method,
      'Access-Control-Request-Headers': 'content-type',
    },
  })

function assertAllows(answer: Answer, origin: string): void {
  assert.equal(allowed(answer), origin)
  assert.equal(answer.headers['access-control-allow-credentials'], 'true')
  assert.match(String(answer.headers.vary), /\bOrigin\b/)
}

describe('CORS', () => {
  let api: TestApi
  before(async () => {
    api = await startApi({ env: { POST_LIMIT_PER_MINUTE: '4' } })
  })
  after(() => api.close())

  it('echoes an allowed origin, credentials allowed', async () => {
    for (const origin of [page, 'http://127.0.0.1:3000']) {
      const answer = await send(api, '/health', { headers: { Origin: origin } })
      assertAllows(answer, origin)
      assert.match(String(answer.headers['access-control-expose-headers']), /Retry-After/)
    }
  })

  it('echoes no other, and never says *', async () => {
    for (const origin of ['https://evil.example', 'null', 'http://localhost:3001', temporalUi])
      assert.equal(allowed(await send(api, '/health', { headers: { Origin: origin } })), undefined)
    assert.equal(allowed(await send(api, '/health')), undefined)
  })

  it('answers a preflight with the headers that clients send', async () => {
    for (const [path, method] of [
      ['/classify-email', 'POST'],
      ['/job/42', 'DELETE'],
      ['/health/', 'GET'],
    ] as const) {
      const answer = await preflight(api, path, page, method)
      assert.equal(answer.status, 204)
      assertAllows(answer, page)
      const methods = String(answer.headers['access-control-allow-methods']).split(/, ?/)
      assert.ok(methods.includes(method))
      const names = String(answer.headers['access-control-allow-headers']).split(/, ?/)
      assert.deepEqual(names, ['Authorization', 'Content-Type', 'X-API-Key', 'Idempotency-Key'])
    }
  })

  it('allows a foreign preflight nothing', async () => {
    assert.equal(
      allowed(await preflight(api, '/classify-email', 'https://evil.example')),
      undefined,
    )
  })

  it('lets a page read why it was refused', async () => {
    const refused = await postJson(api, '/classify-email', {}, { Origin: page })
    assertRefused(refused, 400, 'nothing_to_classify')
    assertAllows(refused, page)
    assertAllows(await send(api, '/no/such/path', { headers: { Origin: page } }), page)
  })

  it('lets a page read that it asked too often', async () => {
    let answer = await postJson(api, '/classify-email', {}, { Origin: page })
    for (let sent = 0; answer.status !== 429 && sent < 10; sent++)
      answer = await postJson(api, '/classify-email', {}, { Origin: page })
    assertRefused(answer, 429, 'too_many_requests')
    assertAllows(answer, page)
  })
})

describe('CORS for the Temporal UI', () => {
  const localKey = 'the-key-of-this-run'
  let api: TestApi
  before(async () => {
    api = await startApi({ localKey })
  })
  after(() => api.close())

  it('opens the codec, with credentials and X-Namespace, under both loopback names', async () => {
    for (const origin of [temporalUi, 'http://localhost:8233']) {
      const asked = await preflight(api, '/codec/decode', origin)
      assert.equal(asked.status, 204)
      assertAllows(asked, origin)
      assert.match(String(asked.headers['access-control-allow-headers']), /X-Namespace/)
      const headers = { ...asKey(localKey), Origin: origin, 'X-Namespace': 'default' }
      const answer = await postJson(api, '/codec/decode', { payloads: [] }, headers)
      assert.equal(answer.status, 200)
      assertAllows(answer, origin)
    }
  })

  it('opens nothing else', async () => {
    assert.equal(allowed(await preflight(api, '/classify-email', temporalUi)), undefined)
    assert.equal(allowed(await preflight(api, '/codecs', temporalUi)), undefined)
    const answer = await postJson(api, '/classify-email', { text: 'a' }, { Origin: temporalUi })
    assertRefused(answer, 403, 'foreign_origin')
  })

  it('does not open the codec to strangers', async () => {
    const answer = await postJson(
      api,
      '/codec/decode',
      { payloads: [] },
      { Origin: 'https://evil.example' },
    )
    assertRefused(answer, 403, 'foreign_origin')
  })

  it('takes the origin that TEMPORAL_UI_ORIGIN names instead', async () => {
    const other = await startApi({
      env: {
        TEMPORAL_ADDRESS: 'temporal:7233',
        TEMPORAL_UI_ORIGIN: 'https://temporal.example.org/',
      },
      database: api.database,
    })
    assertAllows(
      await preflight(other, '/codec/decode', 'https://temporal.example.org'),
      'https://temporal.example.org',
    )
    assert.equal(allowed(await preflight(other, '/codec/decode', temporalUi)), undefined)
    await other.close()
  })
})
