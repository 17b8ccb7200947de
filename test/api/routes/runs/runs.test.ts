import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { updateOutcome } from '../../../../db/classifications.js'
import { createKeyRing, sealJson } from '../../../../db/key-ring.js'
import { recordEnd, recordProgress } from '../../../../db/run-progress.js'
import { classificationPlace } from '../../../../db/seal-places.js'
import { storeBatch } from '../../../../services/batches/batch-content.js'
import { exampleResult } from '../../../support/gateway.js'
import { assertRefused } from '../../support/assert-refused.js'
import { asKey } from '../../support/people.js'
import { send, submit } from '../../support/send.js'
import { startApi, type TestApi, type TestApiOptions } from '../../support/start-api.js'

describe('/runs', () => {
  let api: TestApi
  const start = async (options: TestApiOptions = {}) => {
    api = await startApi(options)
    return api
  }
  afterEach(() => api.close())

  const storeTestBatch = async () => {
    const id = randomUUID()
    await api.database.db
      .transaction()
      .execute((trx) =>
        storeBatch(trx, api.keys, { id, task: 'texts', items: [{ text: 'a' }, { text: 'b' }] }),
      )
    return id
  }
  const list = async (query = '', headers: Record<string, string> = {}) => {
    const { json } = await send(api, `/runs${query}`, { headers })
    return json as unknown as { id: string; kind: string; status: string; result: unknown }[]
  }

  it('show the state of a run of any kind, in the reader’s language', async () => {
    await start()
    const { db } = api.database
    const id = await storeTestBatch()
    await recordProgress(db, [
      {
        ...{ id, kind: 'batch', status: 'running', step: 'classifying', progress: 50 },
        ...{ done: 1, total: 2, epoch: 9, seq: 3 },
      },
    ])
    const { status, json } = await send(api, `/runs/${id.toUpperCase()}`, {
      headers: { 'Accept-Language': 'en' },
    })
    assert.equal(status, 200)
    const { created_at: createdAt, ...rest } = json
    assert.ok(Date.now() - Date.parse(String(createdAt)) < 60_000)
    assert.deepEqual(rest, {
      id,
      kind: 'batch',
      status: 'running',
      step: 'Classifying',
      step_code: 'classifying',
      progress: 50,
      done: 1,
      total: 2,
      error: null,
      error_code: null,
      result: null,
      ended_at: null,
      epoch: 9,
      seq: 3,
    })
  })

  it('give the result of a completed run, and the reason of a failed one', async () => {
    await start()
    const { db } = api.database
    const [good, bad] = [await submit(api, 'Bom dia'), await submit(api, 'Boa tarde')]
    const place = classificationPlace('outcome', good)
    await updateOutcome(db, good, sealJson(api.keys, exampleResult, place))
    await recordEnd(db, good, { status: 'completed' })
    await recordEnd(db, bad, { status: 'failed', error: 'pdf_damaged' })
    const completed = (await send(api, `/runs/${good}`)).json
    assert.deepEqual(completed['result'], exampleResult)
    assert.ok(Date.parse(String(completed['ended_at'])) <= Date.now())
    const failed = (await send(api, `/runs/${bad}`)).json
    assert.deepEqual([failed['status'], failed['error_code']], ['failed', 'pdf_damaged'])
    assert.match(String(failed['error']), /^O PDF está danificado/)
  })

  it('answer 503 and log nothing more where this process lacks the key of the result', async () => {
    await start()
    const { db } = api.database
    const id = await submit(api, 'Bom dia')
    const other = createKeyRing(['a newer key of this test'])
    await updateOutcome(db, id, sealJson(other, exampleResult, classificationPlace('outcome', id)))
    await recordEnd(db, id, { status: 'completed' })
    for (const path of [`/runs/${id}`, `/job-status/${id}`]) {
      const answer = await send(api, path)
      assertRefused(answer, 503, 'key_missing')
      assert.equal(answer.headers['retry-after'], '5')
    }
    assert.ok(!api.logLines.some((line) => line.includes('A request failed.')))
  })

  it('are listed newest first, by kind and state, without results', async () => {
    await start()
    const [mail, done] = [await submit(api, 'Bom dia'), await submit(api, 'Boa tarde')]
    await recordEnd(api.database.db, done, { status: 'completed' })
    const batch = await storeTestBatch()
    const ids = async (query: string) => (await list(query)).map(({ id }) => id)
    assert.deepEqual(await ids(''), [batch, done, mail])
    assert.deepEqual(await ids('?kind=classification'), [done, mail])
    assert.deepEqual(await ids('?status=pending'), [batch, mail])
    assert.deepEqual(await ids('?kind=batch&status=completed'), [])
    assert.deepEqual(await ids('?kind=nothing-like-it'), [])
    assert.deepEqual(await ids('?page=2'), [])
    assert.ok((await list()).every(({ result }) => result === null))
    assertRefused(await send(api, '/runs?status=lost'), 422, 'invalid_body')
    assertRefused(await send(api, '/runs?page=0'), 422, 'invalid_body')
  })

  it('are listed to whom their scope shows them alone', async () => {
    await start({ env: { API_KEYS: 'mails:classify,books:finance' } })
    const id = await submit(api, 'Bom dia', asKey('mails'))
    assert.deepEqual(
      (await list('', asKey('mails'))).map((run) => run.id),
      [id],
    )
    assert.deepEqual(await list('', asKey('books')), [])
    assertRefused(await send(api, '/runs'), 401, 'unauthorized')
  })

  it('are cancelled and removed with what only they hold', async () => {
    await start()
    const { db } = api.database
    const [mail, batch] = [await submit(api, 'Bom dia'), await storeTestBatch()]
    for (const id of [mail, batch]) {
      const answer = await send(api, `/runs/${id}`, { method: 'DELETE' })
      assert.deepEqual(answer.json, { message: 'Trabalho removido.' })
      assertRefused(await send(api, `/runs/${id}`), 404, 'run_not_found')
      assertRefused(await send(api, `/runs/${id}`, { method: 'DELETE' }), 404, 'run_not_found')
    }
    assert.deepEqual(api.runner.cancelled, [mail, batch])
    for (const table of ['classifications', 'batches', 'batch_chunks'] as const)
      assert.deepEqual(await db.selectFrom(table).selectAll().execute(), [], table)
    assert.deepEqual(await list(), [])
  })

  it('are not found by what is no id, nor is a batch as a job of contract 1', async () => {
    await start()
    for (const id of [randomUUID(), '42', '%00', 'null'])
      assertRefused(await send(api, `/runs/${id}`), 404, 'run_not_found')
    const batch = await storeTestBatch()
    assertRefused(await send(api, `/job-status/${batch}`), 404, 'job_not_found')
    const removal = await send(api, `/job/${batch}`, { method: 'DELETE' })
    assertRefused(removal, 404, 'job_not_found')
  })
})
