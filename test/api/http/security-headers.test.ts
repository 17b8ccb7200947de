import assert from 'node:assert/strict'
import { postJson, send } from '../support/send.js'
import { startApi, type TestApi } from '../support/start-api.js'

describe('the security headers', () => {
  let api: TestApi
  before(async () => {
    api = await startApi()
  })
  after(() => api.close())

  it('are on every answer, refusals included', async () => {
    const answers = [
      await send(api, '/docs'),
      await send(api, '/health'),
      await send(api, '/no/such/path'),
      await send(api, '/health', { headers: { Host: 'evil.example' } }),
      await postJson(api, '/classify-email', {}, { Origin: 'https://evil.example' }),
      await postJson(api, '/classify-email', {}),
    ]
    for (const { headers } of answers) {
      assert.equal(headers['x-content-type-options'], 'nosniff')
      assert.equal(headers['referrer-policy'], 'no-referrer')
      assert.equal(headers['x-powered-by'], undefined)
      const policy = String(headers['content-security-policy'])
      assert.match(policy, /default-src 'none'/)
      assert.match(policy, /frame-ancestors 'none'/)
      assert.match(policy, /script-src 'self'(;|$)/)
      assert.doesNotMatch(policy, /unsafe-eval|https?:|\*/)
    }
  })
})
