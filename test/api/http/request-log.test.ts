import assert from 'node:assert/strict'
import { asCookie, createPerson, password } from '../support/people.js'
import { multipart, postJson, send, submit } from '../support/send.js'
import { startApi, type TestApi } from '../support/start-api.js'

describe('the request log', () => {
  let api: TestApi
  beforeEach(async () => {
    api = await startApi({ env: { API_KEYS: 'first-secret', TRUST_PROXY: '1' } })
  })
  afterEach(() => api.close())

  it('gives each request an id, its own where that is harmless', async () => {
    const given = await send(api, '/health')
    assert.match(String(given.headers['x-request-id']), /^[0-9a-f-]{36}$/)
    const headers = { 'X-Request-Id': 'abc-123_DEF' }
    assert.equal((await send(api, '/health', { headers })).headers['x-request-id'], 'abc-123_DEF')
    for (const harmful of [
      'short',
      'a'.repeat(65),
      '{"level":60}',
      'two words x',
      '<script>alert(1)',
    ]) {
      const answer = await send(api, '/health', { headers: { 'X-Request-Id': harmful } })
      assert.match(String(answer.headers['x-request-id']), /^[0-9a-f-]{36}$/, harmful)
    }
  })

  it('has one line for each request, by route and not by path', async () => {
    const answer = await send(api, '/job-status/42')
    const lines = api.logLines.map((line) => JSON.parse(line) as Record<string, unknown>)
    assert.equal(lines.length, 1)
    const { requestId, method, route, status, msg } = lines[0]!
    assert.deepEqual(
      { requestId, method, route, status, msg },
      {
        requestId: answer.headers['x-request-id'],
        method: 'GET',
        route: '/job-status/:job_id',
        status: 404,
        msg: 'request',
      },
    )
  })

  it('holds no text, key, uuid, address or file name, whatever happens', async () => {
    const headers = {
      'X-API-Key': 'first-secret',
      'X-Forwarded-For': '198.51.100.7',
      'Idempotency-Key': 'chave-de-maria',
      'User-Agent': 'agente-secreto',
    }
    const id = await submit(api, 'Texto sigiloso', headers)
    await postJson(api, '/classify-email', { text: 'Outro sigiloso' }, headers)
    await postJson(api, '/classify-email', { text: 'Texto sigiloso\0' }, headers)
    const upload = multipart({
      name: 'file',
      filename: 'sigiloso.pdf',
      type: 'application/pdf',
      body: 'Texto sigiloso',
    })
    await send(api, '/classify-email', { ...upload, headers: { ...upload.headers, ...headers } })
    await send(api, `/job-status/${id}?q=sigiloso`, { headers })
    await send(api, `/job-status/${id}`, { headers })
    await send(api, `/job/${id}`, { method: 'DELETE', headers })
    await send(api, '/sigiloso', { headers: { ...headers, Authorization: 'Bearer errada-chave' } })
    await postJson(api, '/classify-email', {}, { 'X-API-Key': 'errada-chave' })
    // What nobody foresaw: the tables are gone.
    const { db } = api.database
    await db.schema.alterTable('runs').renameTo('runs_away').execute()
    const failed = await postJson(
      api,
      '/classify-email',
      { text: 'Texto sigiloso' },
      { 'X-API-Key': 'first-secret' },
    )
    await db.schema.alterTable('runs_away').renameTo('runs').execute()
    assert.equal(failed.status, 500)
    assert.equal(failed.json['code'], 'internal')
    assert.doesNotMatch(failed.text, /runs|relation|insert/)
    const log = api.logLines.join('')
    assert.ok(api.logLines.length >= 10)
    for (const secret of [
      'igiloso',
      'first-secret',
      id,
      '198.51.100.7',
      'maria',
      'errada-chave',
      'agente',
    ])
      assert.ok(!log.includes(secret), secret)
    assert.ok(!log.includes(Buffer.from('Texto sigiloso').toString('base64')))
    assert.ok(!log.includes(Buffer.from('Texto sigiloso').toString('hex')))
  })

  it('holds no name, password or token, not even one in the address', async () => {
    const person = await createPerson(api, 'Ana Sigilosa')
    const names = { username: person.username, password }
    await postJson(api, '/token', names)
    await postJson(api, '/sign-in', names)
    await postJson(api, '/token', { ...names, password: 'errada-e-longa' })
    await postJson(api, '/users/', names)
    await send(api, `/ws/?token=${person.token}`)
    await send(api, `/users/?token=${person.token}`, { headers: person.headers })
    await send(api, '/users/', { headers: asCookie(person.token) })
    await send(api, `/users/${person.token}`, { method: 'PUT', headers: person.headers })
    await postJson(api, '/sign-out', {}, person.headers)
    const log = api.logLines.join('')
    assert.equal(api.logLines.length, 9)
    const [head = '', body = '', signature = ''] = person.token.split('.')
    for (const secret of ['igilosa', password, 'errada-e-longa', head, body, signature])
      assert.ok(!log.includes(secret), secret)
  })

  it('has an error line for what nobody foresaw, by the request’s id', async () => {
    const { db } = api.database
    await db.schema.alterTable('runs').renameTo('runs_away').execute()
    const answer = await postJson(
      api,
      '/classify-email',
      { text: 'a' },
      { 'X-API-Key': 'first-secret' },
    )
    await db.schema.alterTable('runs_away').renameTo('runs').execute()
    const line = api.logLines.find((one) => one.includes('A request failed.'))
    assert.ok(line?.includes(String(answer.headers['x-request-id'])))
  })
})
