import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { openServerDatabase } from '../../../../db/database.js'
import { openTestDatabase } from '../../../support/database.js'
import { freePort } from '../../../support/free-port.js'
import { assertNoInnards, assertRefused } from '../../support/assert-refused.js'
import { countRows } from '../../support/count-rows.js'
import { createFakeWorkflowRunner } from '../../support/fake-workflow-runner.js'
import { asKey } from '../../support/people.js'
import { postJson, send } from '../../support/send.js'
import { startApi, type TestApi } from '../../support/start-api.js'

describe('while Temporal is away', () => {
  let api: TestApi
  before(async () => {
    const runner = createFakeWorkflowRunner({
      start: () => Promise.reject(new Error('connect ECONNREFUSED 127.0.0.1:7233')),
    })
    api = await startApi({ runner })
  })
  after(() => api.close())

  it('nothing is accepted', async () => {
    const answer = await postJson(api, '/classify-email', { text: 'Bom dia' })
    assertRefused(answer, 503, 'unavailable')
    assertNoInnards(answer)
    assert.match(String(answer.headers['retry-after']), /^[1-9]\d*$/)
    assert.equal(api.runner.started.length, 1)
    assert.deepEqual(await countRows(api.database), { runs: 0, keys: 0 })
  })

  it('a job whose workflow began after all keeps its row', async () => {
    const { db } = api.database
    const runner = createFakeWorkflowRunner({
      start: async ({ id }) => {
        await db.updateTable('runs').set({ status: 'running' }).where('id', '=', id).execute()
        throw new Error('deadline exceeded')
      },
    })
    const other = await startApi({ runner, database: api.database })
    await postJson(other, '/classify-email', { text: 'Bom dia' })
    await other.close()
    assert.equal((await countRows(api.database)).runs, 1)
    await openTestDatabase()
  })
})

describe('while too much is under way', () => {
  let api: TestApi
  let hasRoom = true
  before(async () => {
    api = await startApi({ hasRoom: () => hasRoom })
  })
  after(() => api.close())

  it('new work is refused for a while, and what was taken on is told again', async () => {
    const post = (key: string, language = 'pt') =>
      postJson(
        api,
        '/classify-email',
        { text: 'Bom dia' },
        { 'Idempotency-Key': key, 'Accept-Language': language },
      )
    const accepted = await post('first')
    hasRoom = false
    for (const language of ['pt', 'en'] as const) {
      const answer = await post('second', language)
      assertRefused(answer, 503, 'overloaded', language)
      assert.match(String(answer.headers['retry-after']), /^[1-9]\d*$/)
    }
    const again = await post('first')
    assert.deepEqual([again.status, again.json['job_id']], [200, accepted.json['job_id']])
    assert.deepEqual(await countRows(api.database), { runs: 1, keys: 1 })
  })

  it('the log has no failure, however many are refused', () => {
    assert.ok(!api.logLines.some((line) => line.includes('A request failed.')))
  })

  it('OpenAPI says so', async () => {
    const { json } = await send(api, '/openapi.json')
    const { paths } = json as { paths: Record<string, { post?: { responses: object } }> }
    assert.match(
      JSON.stringify(paths['/classify-email']?.post?.responses),
      /"503":{"description":"[^"]*Too much work is under way/,
    )
  })
})

const localKey = 'the-key-of-this-run'

describe('while the database is away', () => {
  let api: TestApi
  before(async () => {
    const database = openServerDatabase(
      `postgres://nobody:sesame@127.0.0.1:${await freePort()}/none`,
      () => undefined,
    )
    api = await startApi({ database, localKey })
  })
  after(async () => {
    await api.close()
    await api.database.close()
  })

  it('nothing is accepted and nothing is started', async () => {
    const answer = await postJson(api, '/classify-email', { text: 'Bom dia' })
    assertRefused(answer, 503, 'unavailable')
    assertNoInnards(answer)
    assert.match(String(answer.headers['retry-after']), /^[1-9]\d*$/)
    assert.deepEqual(api.runner.started, [])
  })

  it('a job can be neither read nor removed', async () => {
    const english = { headers: { 'Accept-Language': 'en' } }
    const read = await send(api, `/job-status/${randomUUID()}`, english)
    assertRefused(read, 503, 'unavailable', 'en')
    const removed = await send(api, `/job/${randomUUID()}`, { method: 'DELETE' })
    assertRefused(removed, 503, 'unavailable')
  })

  it('health names the database, and the front door and the docs stay open', async () => {
    const health = await send(api, '/health')
    assert.equal(health.status, 503)
    assert.deepEqual(health.json['components'], {
      database: 'unhealthy',
      temporal: 'healthy',
      workers: 'healthy',
    })
    assert.deepEqual([health.json['status'], health.json['active_jobs']], ['unhealthy', 0])
    assert.equal((await send(api, '/')).status, 200)
    assert.equal((await send(api, '/docs')).status, 200)
  })

  it('metrics still say how the process does', async () => {
    const answer = await send(api, '/metrics', { headers: asKey(localKey) })
    assert.equal(answer.status, 200)
    assert.match(answer.text, /^process_cpu_seconds_total /m)
  })

  it('the log says so, without the address or the password', () => {
    const failures = api.logLines.filter((line) => line.includes('A request failed.'))
    assert.ok(failures.length > 0)
    assert.ok(!failures.join('').includes('sesame'))
  })
})
