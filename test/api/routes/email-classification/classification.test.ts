import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { EmailResult } from '../../../../services/email-classification/email-result.js'
import { jobStateSchema } from '../../../../api/routes/email-classification/job-state.js'
import { updateOutcome } from '../../../../db/classifications.js'
import { recordEnd, recordProgress } from '../../../../db/run-progress.js'
import { classificationPlace } from '../../../../db/seal-places.js'
import { sealJson } from '../../../../db/key-ring.js'
import { makePdf } from '../../../services/extraction/make-pdf.js'
import { assertRefused } from '../../support/assert-refused.js'
import { createFakeWorkflowRunner } from '../../support/fake-workflow-runner.js'
import { type Answer, multipart, postJson, send, submit } from '../../support/send.js'
import { startApi, type TestApi } from '../../support/start-api.js'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

const result: EmailResult = {
  category: 'Produtivo',
  confidence: 0.91,
  suggested_response: 'Olá! Já verificamos.',
  processed_text: 'Qual o andamento?',
  original_length: 17,
  needs_review: false,
  language: 'pt',
  subject: 'Pedido',
  topic: 'status_inquiry',
  explanation: [{ feature: 'andamento', weight: 1.5 }],
  engine: 'local',
  degraded: false,
  model_version: 'test',
}

describe('POST /classify-email', () => {
  let api: TestApi
  beforeEach(async () => {
    api = await startApi()
  })
  afterEach(() => api.close())

  const storedJob = async ({ json }: Answer) => {
    const row = await api.database.db
      .selectFrom('classifications')
      .innerJoin('runs', 'runs.id', 'classifications.id')
      .select(['classifications.id', 'source', 'content', 'status'])
      .where('runs.id', '=', String(json['job_id']))
      .executeTakeFirstOrThrow()
    return {
      ...row,
      content: api.keys.open(row.content, classificationPlace('content', row.id)),
    }
  }

  it('takes JSON and answers in the words of the contract', async () => {
    const answer = await postJson(api, '/classify-email', { text: 'Qual o andamento?' })
    assert.equal(answer.status, 200)
    assert.match(String(answer.headers['content-type']), /^application\/json/)
    const { job_id: id, ...rest } = answer.json
    assert.match(String(id), uuid)
    assert.deepEqual(rest, { status: 'pending', message: 'Job created successfully' })
    assert.deepEqual(api.runner.started, [id])
  })

  it('seals what it stores', async () => {
    const answer = await postJson(api, '/classify-email', { text: 'Segredo à vista' })
    const { content, source, status } = await storedJob(answer)
    assert.equal(content.toString(), 'Segredo à vista')
    assert.deepEqual([source, status], ['text', 'pending'])
    const raw = await api.database.db
      .selectFrom('classifications')
      .select('content')
      .executeTakeFirstOrThrow()
    assert.ok(!raw.content.includes('Segredo'))
  })

  it('stores who sent it, by a keyed hash', async () => {
    const callers = []
    for (const text of ['Um', 'Dois']) {
      const { json } = await postJson(api, '/classify-email', { text })
      const { caller } = await api.database.db
        .selectFrom('classifications')
        .select('caller')
        .where('id', '=', String(json['job_id']))
        .executeTakeFirstOrThrow()
      assert.match(caller ?? '', /^[0-9a-f]{32}$/)
      callers.push(caller)
    }
    assert.equal(callers[0], callers[1])
  })

  it('takes a multipart text, as FormData sends it', async () => {
    const form = new FormData()
    form.set('text', 'Bom dia, preciso de uma certidão.')
    const response = await fetch(`${api.url}/classify-email`, { method: 'POST', body: form })
    assert.equal(response.status, 200)
    const [id] = api.runner.started
    assert.equal(((await response.json()) as Record<string, unknown>)['job_id'], id)
  })

  it('takes a form', async () => {
    const body = new URLSearchParams({ text: 'Olá, cadê meu pedido?' }).toString()
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
    const answer = await send(api, '/classify-email', { method: 'POST', headers, body })
    assert.equal((await storedJob(answer)).content.toString(), 'Olá, cadê meu pedido?')
  })

  it('takes a text file beside an empty text, as the page sends it', async () => {
    const form = new FormData()
    form.set('text', '')
    form.set('file', new Blob(['Obrigado!'], { type: 'text/plain' }), 'obrigado.txt')
    const response = await fetch(`${api.url}/classify-email`, { method: 'POST', body: form })
    assert.equal(response.status, 200)
    const row = await api.database.db
      .selectFrom('classifications')
      .selectAll()
      .executeTakeFirstOrThrow()
    assert.equal(row.source, 'txt')
    assert.equal(
      api.keys.open(row.content, classificationPlace('content', row.id)).toString(),
      'Obrigado!',
    )
  })

  it('takes a text beside a file input that was left empty', async () => {
    const empty = { name: 'file', filename: '', type: 'application/octet-stream', body: '' }
    const answer = await send(
      api,
      '/classify-email',
      multipart({ name: 'text', body: 'Só o texto' }, empty),
    )
    assert.equal((await storedJob(answer)).content.toString(), 'Só o texto')
  })

  it('takes a PDF, told by its type, its name or its first bytes', async () => {
    const pdf = await makePdf(['Preciso de ajuda'])
    const said = [
      { filename: 'a.pdf', type: 'application/pdf' },
      { filename: 'a.PDF', type: 'application/octet-stream' },
      { filename: 'a', type: 'application/octet-stream' },
      { filename: 'a.txt', type: 'text/plain' },
    ]
    for (const how of said) {
      const answer = await send(
        api,
        '/classify-email',
        multipart({ name: 'file', ...how, body: pdf }),
      )
      const { source, content } = await storedJob(answer)
      assert.equal(source, 'pdf', JSON.stringify(how))
      assert.deepEqual(content, pdf)
    }
  })

  it('takes a file whose part says no media type, as Python sends it', async () => {
    const pdf = await makePdf(['Preciso de ajuda'])
    const answer = await send(
      api,
      '/classify-email',
      multipart({ name: 'file', filename: 'mail.pdf', body: pdf }),
    )
    const { source, content } = await storedJob(answer)
    assert.equal(source, 'pdf')
    assert.deepEqual(content, pdf)
  })

  it('takes files in Latin-1, Windows-1252 and UTF-16, byte for byte', async () => {
    const files = [
      Buffer.from('Solicitação de informação', 'latin1'),
      Buffer.from([0x80, 0x20, 0x31, 0x30, 0x30]),
      Buffer.from('\uFEFFSolicitação', 'utf16le'),
      Buffer.from('Solicitação', 'utf16le').swap16(),
    ]
    for (const body of files) {
      const part = { name: 'file', filename: 'mail.txt', type: 'text/plain', body }
      const answer = await send(api, '/classify-email', multipart(part))
      assert.equal(answer.status, 200, answer.text)
      assert.deepEqual((await storedJob(answer)).content, body)
    }
  })

  it('takes a text part that has a media type of its own, in the charset it came in', async () => {
    const parts = [
      { type: 'text/plain; charset=utf-8', body: Buffer.from('Informação') },
      { type: 'text/plain; charset=iso-8859-1', body: Buffer.from('Informação', 'latin1') },
      { type: 'text/plain', body: Buffer.from('Informação') },
    ]
    for (const part of parts) {
      const answer = await send(api, '/classify-email', multipart({ name: 'text', ...part }))
      const { source, content } = await storedJob(answer)
      assert.deepEqual([source, content.toString()], ['text', 'Informação'], part.type)
    }
  })

  it('takes a text part that names a transfer encoding', async () => {
    const parts = [
      { headers: ['Content-Transfer-Encoding: 8bit'], body: 'Informação' },
      { headers: ['Content-Transfer-Encoding: 7bit'], body: 'Informacao' },
      { headers: ['Content-Transfer-Encoding: binary'], body: 'Informação' },
      {
        headers: ['Content-Transfer-Encoding: base64'],
        body: Buffer.from('Informação').toString('base64'),
        said: 'Informação',
      },
    ]
    for (const { said, ...part } of parts) {
      const answer = await send(api, '/classify-email', multipart({ name: 'text', ...part }))
      assert.equal(answer.status, 200, answer.text)
      assert.equal((await storedJob(answer)).content.toString(), said ?? part.body)
    }
  })

  it('takes exactly 5 MB', async () => {
    const text = 'a'.repeat(5 * 1024 * 1024)
    assert.equal((await postJson(api, '/classify-email', { text })).status, 200)
    const file = { name: 'file', filename: 'a.txt', type: 'text/plain', body: text }
    assert.equal((await send(api, '/classify-email', multipart(file))).status, 200)
  })
})

describe('GET /job-status/{job_id}', () => {
  let api: TestApi
  beforeEach(async () => {
    api = await startApi()
  })
  afterEach(() => api.close())

  it('shows a job that waits, in the reader’s language', async () => {
    const id = await submit(api, 'Bom dia')
    const { json } = await send(api, `/job-status/${id}`)
    const { epoch, seq, ...state } = jobStateSchema.parse(json)
    assert.deepEqual([epoch, seq], [0, 0])
    assert.deepEqual(state, {
      job_id: id,
      status: 'pending',
      progress: 0,
      current_step: 'Na fila',
      message: 'O e-mail aguarda a vez.',
      result: null,
      error: null,
    })
    const other = await submit(api, 'Hello')
    const english = await send(api, `/job-status/${other}`, {
      headers: { 'Accept-Language': 'en-US,en;q=0.9' },
    })
    assert.equal(english.json['message'], 'The e-mail is waiting its turn.')
  })

  it('shows a job on its way, without the result that grows', async () => {
    const id = await submit(api, 'Bom dia')
    const { db } = api.database
    await updateOutcome(db, id, sealJson(api.keys, result, classificationPlace('outcome', id)))
    const step = {
      ...{
        id,
        kind: 'classification',
        status: 'running' as const,
        step: 'classifying',
        progress: 60,
      },
      ...{ done: null, total: null },
    } as const
    await recordProgress(db, [{ ...step, epoch: 1, seq: 3 }])
    const { json } = await send(api, `/job-status/${id}`)
    assert.deepEqual(json, {
      job_id: id,
      status: 'classifying',
      progress: 60,
      current_step: 'Classificando',
      message: 'O e-mail está sendo classificado.',
      result: null,
      error: null,
      epoch: 1,
      seq: 3,
    })
  })

  it('shows the result of a job that is completed', async () => {
    const id = await submit(api, 'Bom dia')
    await updateOutcome(
      api.database.db,
      id,
      sealJson(api.keys, result, classificationPlace('outcome', id)),
    )
    await recordEnd(api.database.db, id, { status: 'completed' })
    const { json } = await send(api, `/job-status/${id.toUpperCase()}`)
    const state = jobStateSchema.parse(json)
    assert.deepEqual(state.result, result)
    assert.deepEqual([state.status, state.progress, state.error], ['completed', 100, null])
  })

  it('says why a job failed', async () => {
    const id = await submit(api, 'Bom dia')
    await recordEnd(api.database.db, id, { status: 'failed', error: 'cancelled' })
    const { json } = await send(api, `/job-status/${id}`)
    assert.deepEqual(
      [json['status'], json['error'], json['result']],
      ['failed', 'Cancelado a pedido.', null],
    )
  })

  it('knows no job by an unknown uuid or by what is no uuid', async () => {
    for (const id of [randomUUID(), '42', "'; drop table jobs; --", '%00', '%ff', 'null'])
      assertRefused(await send(api, `/job-status/${encodeURI(id)}`), 404, 'job_not_found')
  })
})

describe('DELETE /job/{job_id}', () => {
  let api: TestApi
  beforeEach(async () => {
    api = await startApi()
  })
  afterEach(() => api.close())

  const remove = (id: string, headers: Record<string, string> = {}) =>
    send(api, `/job/${id}`, { method: 'DELETE', headers })

  it('cancels work that runs and removes its text', async () => {
    const id = await submit(api, 'Bom dia')
    // As the page sends it: with a JSON content type and no body.
    const answer = await remove(id, { 'Content-Type': 'application/json' })
    assert.equal(answer.status, 200)
    assert.deepEqual(answer.json, { message: 'Trabalho removido.' })
    assert.deepEqual(api.runner.cancelled, [id])
    assert.deepEqual(await api.database.db.selectFrom('classifications').selectAll().execute(), [])
  })

  it('removes the result of work that is over, and cancels nothing', async () => {
    const id = await submit(api, 'Bom dia')
    await updateOutcome(
      api.database.db,
      id,
      sealJson(api.keys, result, classificationPlace('outcome', id)),
    )
    await recordEnd(api.database.db, id, { status: 'completed' })
    const answer = await remove(id, { 'Accept-Language': 'en' })
    assert.deepEqual(answer.json, { message: 'Job removed.' })
    assert.deepEqual(api.runner.cancelled, [])
    assert.deepEqual(await api.database.db.selectFrom('classifications').selectAll().execute(), [])
  })

  it('leaves nothing that can be found, asked for or removed again', async () => {
    const id = await submit(api, 'Bom dia')
    await remove(id)
    assertRefused(await send(api, `/job-status/${id}`), 404, 'job_not_found')
    assertRefused(await remove(id), 404, 'job_not_found')
  })

  it('removes a job even while Temporal cannot be told', async () => {
    await api.close()
    api = await startApi({
      runner: createFakeWorkflowRunner({ cancel: () => Promise.reject(new Error('unreachable')) }),
    })
    const id = await submit(api, 'Bom dia')
    assert.equal((await remove(id)).status, 200)
    assertRefused(await send(api, `/job-status/${id}`), 404, 'job_not_found')
  })

  it('knows no job by what is no uuid', async () => {
    assertRefused(await remove('42'), 404, 'job_not_found')
    assertRefused(await remove(randomUUID()), 404, 'job_not_found')
  })
})
