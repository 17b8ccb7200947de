import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { assertRefused } from '../../support/assert-refused.js'
import { countRows } from '../../support/count-rows.js'
import { createFakeWorkflowRunner } from '../../support/fake-workflow-runner.js'
import { type Answer, multipart, postJson, send } from '../../support/send.js'
import { startApi, type TestApi, type TestApiOptions } from '../../support/start-api.js'

describe('Idempotency-Key on POST /classify-email', () => {
  let api: TestApi
  const start = async (options: TestApiOptions = {}) => {
    api = await startApi(options)
  }
  afterEach(() => api.close())

  const post = (text: string, key: string, headers: Record<string, string> = {}): Promise<Answer> =>
    postJson(api, '/classify-email', { text }, { 'Idempotency-Key': key, ...headers })

  it('gives the same answer for the same key and body, once started', async () => {
    await start()
    const first = await post('Bom dia', 'k-1')
    const second = await post('Bom dia', 'k-1')
    assert.equal(second.status, 200)
    assert.deepEqual(second.json, first.json)
    assert.deepEqual(await countRows(api.database), { runs: 1, keys: 1 })
    assert.deepEqual(new Set(api.runner.started), new Set([first.json['job_id']]))
  })

  it('takes the same content in another form for the same body', async () => {
    await start()
    const first = await post('Bom dia', 'k-1')
    const form = multipart({ name: 'text', body: 'Bom dia' })
    const headers = { ...form.headers, 'Idempotency-Key': 'k-1' }
    const second = await send(api, '/classify-email', { ...form, headers })
    assert.deepEqual(second.json, first.json)
  })

  it('refuses the same key with another body', async () => {
    await start()
    await post('Bom dia', 'k-1')
    assertRefused(await post('Boa tarde', 'k-1'), 422, 'idempotency_conflict')
    const file = multipart({ name: 'file', filename: 'a.txt', type: 'text/plain', body: 'Bom dia' })
    const headers = { ...file.headers, 'Idempotency-Key': 'k-1' }
    assertRefused(
      await send(api, '/classify-email', { ...file, headers }),
      422,
      'idempotency_conflict',
    )
    assert.deepEqual(await countRows(api.database), { runs: 1, keys: 1 })
  })

  it('makes one job of two requests at once', async () => {
    await start()
    const answers = await Promise.all(Array.from({ length: 5 }, () => post('Bom dia', 'k-1')))
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200, 200, 200],
    )
    assert.equal(new Set(answers.map(({ json }) => json['job_id'])).size, 1)
    assert.deepEqual(await countRows(api.database), { runs: 1, keys: 1 })
  })

  it('keeps the job for the second of two at once though the first could not start it', async () => {
    const events = new EventEmitter()
    const firstAsked = once(events, 'asked')
    let starts = 0
    await start({
      runner: createFakeWorkflowRunner({
        start: async () => {
          if (++starts > 1) return
          const failed = once(events, 'failed')
          events.emit('asked')
          await failed
          throw new Error('unreachable')
        },
      }),
    })
    const first = post('Bom dia', 'k-1')
    await firstAsked
    const second = await post('Bom dia', 'k-1')
    events.emit('failed')
    assert.equal(second.status, 200)
    assert.deepEqual((await first).json, second.json)
    assert.deepEqual(await countRows(api.database), { runs: 1, keys: 1 })
  })

  it('refuses both of two at once where neither could start it, and leaves nothing', async () => {
    await start({
      runner: createFakeWorkflowRunner({ start: () => Promise.reject(new Error('away')) }),
    })
    const answers = await Promise.all([post('Bom dia', 'k-1'), post('Bom dia', 'k-1')])
    for (const answer of answers) assertRefused(answer, 503, 'unavailable')
    assert.deepEqual(await countRows(api.database), { runs: 0, keys: 0 })
  })

  it('is taken back with the job on 503, so that the same key works later', async () => {
    let away = true
    await start({
      runner: createFakeWorkflowRunner({
        start: () => (away ? Promise.reject(new Error('away')) : Promise.resolve()),
      }),
    })
    assertRefused(await post('Bom dia', 'k-1'), 503, 'unavailable')
    assert.deepEqual(await countRows(api.database), { runs: 0, keys: 0 })
    away = false
    assert.equal((await post('Boa tarde', 'k-1')).status, 200)
    assert.deepEqual(await countRows(api.database), { runs: 1, keys: 1 })
  })

  it('belongs to its caller', async () => {
    await start({ env: { API_KEYS: 'first-secret,second-secret', ALLOW_ANONYMOUS: 'classify' } })
    const callers = [{ 'X-API-Key': 'first-secret' }, { 'X-API-Key': 'second-secret' }, {}]
    const ids: unknown[] = []
    for (const headers of callers) ids.push((await post('Bom dia', 'k-1', headers)).json['job_id'])
    assert.equal(new Set(ids).size, 3)
    const again = await post('Bom dia', 'k-1', { Authorization: 'Bearer first-secret' })
    assert.equal(again.json['job_id'], ids[0])
  })

  it('is stored as a keyed hash', async () => {
    await start()
    await post('Bom dia', 'pedido-de-maria@example.com')
    const row = await api.database.db
      .selectFrom('idempotency_keys')
      .selectAll()
      .executeTakeFirstOrThrow()
    assert.match(row.key_hash, /^[0-9a-f]{64}$/)
    assert.match(row.body_hash, /^[0-9a-f]{64}$/)
    assert.ok(!JSON.stringify(row).includes('maria'))
  })

  it('must be 1 to 255 visible characters', async () => {
    await start()
    for (const key of ['', 'a b', 'a'.repeat(256), 'chave-é'])
      assertRefused(await post('Bom dia', key), 400, 'invalid_idempotency_key')
    assert.deepEqual(await countRows(api.database), { runs: 0, keys: 0 })
    assert.equal((await post('Bom dia', 'a'.repeat(255))).status, 200)
  })

  it('gives the same answer after the job was removed', async () => {
    await start()
    const { json } = await post('Bom dia', 'k-1')
    await send(api, `/job/${String(json['job_id'])}`, { method: 'DELETE' })
    assert.deepEqual((await post('Bom dia', 'k-1')).json, json)
    assert.equal(api.runner.started.length, 1)
  })
})
