import assert from 'node:assert/strict'
import Koa from 'koa'
import { pino } from 'pino'
import { AccountError } from '../../../services/accounts/account-error.js'
import { PasswordsBusyError } from '../../../services/accounts/passwords.js'
import { Refusal } from '../../../services/refusal.js'
import { createErrorHandler } from '../../../api/http/errors.js'
import { accountErrors } from '../../../api/routes/accounts/errors.js'
import { listen } from '../../../api/http/server.js'
import { assertRefused } from '../support/assert-refused.js'
import { asKey } from '../support/people.js'
import { type Answer, postJson, send } from '../support/send.js'
import { startApi, type TestApi } from '../support/start-api.js'

describe('what is refused', () => {
  let api: TestApi
  before(async () => {
    api = await startApi()
  })
  after(() => api.close())

  it('says one sentence under the three names that clients read', async () => {
    const { status, json, headers } = await send(api, '/no/such/path')
    assert.equal(status, 404)
    assert.match(String(headers['content-type']), /^application\/json/)
    const sentence = 'Não encontrado.'
    assert.deepEqual(json, {
      detail: sentence,
      message: sentence,
      error: sentence,
      code: 'not_found',
    })
  })

  it('says it in English to who asks for it', async () => {
    const headers = { 'Accept-Language': 'en-GB,en;q=0.8,pt;q=0.5' }
    assertRefused(await send(api, '/no/such/path', { headers }), 404, 'not_found', 'en')
    const portuguese = { 'Accept-Language': 'pt-BR,en;q=0.8' }
    assertRefused(await send(api, '/no/such/path', { headers: portuguese }), 404, 'not_found', 'pt')
    const german = { 'Accept-Language': 'de' }
    assertRefused(await send(api, '/no/such/path', { headers: german }), 404, 'not_found', 'pt')
  })

  it('lists the fields that do not fit beside the sentence', async () => {
    const { status, json } = await postJson(api, '/classify-email', { text: 5 })
    assert.equal(status, 422)
    assert.equal(json['message'], 'O pedido tem um campo inválido: veja "detail".')
    assert.equal(json['error'], json['message'])
    const [problem, ...others] = json['detail'] as Record<string, unknown>[]
    assert.deepEqual(others, [])
    assert.deepEqual(problem?.['loc'], ['body', 'text'])
    assert.equal(problem['type'], 'invalid_type')
  })

  it('names the fields in the sentence itself where a page shows it as it is', async () => {
    const english = { 'Accept-Language': 'en' }
    const { status, json } = await postJson(api, '/token', { username: 5 }, english)
    const sentence = 'Missing or invalid field: username, password.'
    assert.equal(status, 422)
    assert.deepEqual(json, {
      detail: sentence,
      message: sentence,
      error: sentence,
      code: 'invalid_field',
    })
  })

  const answerTo = async (error: Error): Promise<Answer> => {
    const app = new Koa()
    app.use(createErrorHandler(pino({ level: 'silent' }), [accountErrors]))
    app.use(() => {
      throw error
    })
    const server = await listen({ app, host: '127.0.0.1', port: 0, tunnel: undefined })
    const answer = await send(server, '/token', { method: 'POST' })
    await server.close()
    return answer
  }

  it('says when to come back where too many passwords are being checked', async () => {
    const answer = await answerTo(new PasswordsBusyError())
    assertRefused(answer, 503, 'busy')
    assert.equal(answer.headers['retry-after'], '5')
  })

  it('takes from the service when to come back where the service knows', async () => {
    const answer = await answerTo(new AccountError('too_many_sign_ins', 42))
    assertRefused(answer, 429, 'too_many_sign_ins')
    assert.equal(answer.headers['retry-after'], '42')
  })

  it('is our own mistake where no subject has declared what a service refused', async () => {
    assertRefused(await answerTo(new Refusal('never_declared')), 500, 'internal')
  })

  it('names the methods of a path that has others', async () => {
    for (const method of ['PUT', 'DELETE', 'PATCH']) {
      const answer = await send(api, '/health', { method })
      assertRefused(answer, 405, 'method_not_allowed')
      assert.deepEqual(String(answer.headers['allow']).split(', ').toSorted(), ['GET', 'HEAD'])
    }
    assertRefused(await send(api, '/classify-email'), 405, 'method_not_allowed')
    assertRefused(await send(api, '/health', { method: 'PROPFIND' }), 405, 'method_not_allowed')
  })

  it('says what a path speaks that is asked without a handshake', async () => {
    for (const path of ['/ws', '/ws/', '/ws/job-status/42', '/ws/?token=x', '/ws/no/such']) {
      const answer = await send(api, path)
      assertRefused(answer, 426, 'upgrade_required')
      assert.equal(answer.headers.upgrade, 'websocket')
    }
    assertRefused(await postJson(api, '/ws/', {}), 426, 'upgrade_required')
    assertRefused(await send(api, '/wsx'), 404, 'not_found')
  })

  it('is the same for a HEAD, without the body', async () => {
    const answer = await send(api, '/no/such/path', { method: 'HEAD' })
    assert.deepEqual([answer.status, answer.text], [404, ''])
    assert.equal((await send(api, '/health', { method: 'HEAD' })).status, 200)
  })

  it('survives paths that are no paths', async () => {
    for (const path of [
      '/%',
      '/%ff%fe',
      '/job-status/%',
      '/docs/%E0%A4%A',
      '//',
      '/..',
      `/${'a'.repeat(8000)}`,
      '/?%',
      '*',
    ]) {
      const answer = await send(api, path)
      assert.ok([200, 400, 404].includes(answer.status), `${path}: ${answer.status}`)
    }
  })
})

describe('a path with a final slash', () => {
  const localKey = 'the-key-of-this-run'
  let api: TestApi
  before(async () => {
    api = await startApi({ localKey })
  })
  after(() => api.close())

  it('answers as the one without', async () => {
    for (const path of [
      '/health',
      '/docs',
      '/openapi.json',
      '/openapi/openapi.json',
      '/metrics',
      '/docs/start.js',
    ])
      assert.equal((await send(api, `${path}/`, { headers: asKey(localKey) })).status, 200, path)
    const created = await postJson(api, '/classify-email/', { text: 'Bom dia' })
    assert.equal(created.status, 200)
    const id = String(created.json['job_id'])
    assert.equal((await send(api, `/job-status/${id}/`)).json['job_id'], id)
    assert.equal((await send(api, `/job/${id}/`, { method: 'DELETE' })).status, 200)
    const decoded = await postJson(api, '/codec/decode/', { payloads: [] }, asKey(localKey))
    assert.equal(decoded.status, 200)
  })
})
