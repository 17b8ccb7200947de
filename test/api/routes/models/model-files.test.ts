import assert from 'node:assert/strict'
import { listAudit } from '../../../../db/audit.js'
import { makeDenseModelFile, makeModelFile, testCard } from '../../../support/models.js'
import { assertNoInnards, assertRefused } from '../../support/assert-refused.js'
import { asKey, createPerson, type Person } from '../../support/people.js'
import { multipart, postJson, send } from '../../support/send.js'
import { startApi, type TestApi } from '../../support/start-api.js'

const type = { 'Content-Type': 'application/octet-stream' }

describe('model files', () => {
  let api: TestApi
  let otto: Person
  beforeEach(async () => {
    api = await startApi({ env: { API_KEYS: 'bare-secret' } })
    otto = await createPerson(api, 'Otto', 'operator')
  })
  afterEach(() => api.close())

  const upload = (body: Uint8Array, headers: Readonly<Record<string, string>> = otto.headers) =>
    send(api, '/models', { method: 'POST', headers: { ...headers, ...type }, body })
  const download = async (id: unknown, headers = otto.headers) => {
    const answer = await fetch(`${api.url}/models/${String(id)}/file`, { headers })
    return { answer, bytes: Buffer.from(await answer.arrayBuffer()) }
  }
  const stored = async () => (await send(api, '/models', { headers: otto.headers })).list
  const assertNothingStored = async () =>
    assert.deepEqual(
      (await stored()).map(({ id }) => id),
      [null],
    )

  it('are kept, not used, and given back byte for byte', async () => {
    const file = makeModelFile('v1')
    const { status, json } = await upload(file)
    assert.equal(status, 200)
    const { id, ...rest } = json
    assert.deepEqual(rest, { task: 'texts', version: 'v1' })
    const [, kept] = await stored()
    assert.deepEqual(
      [kept?.id, kept?.task, kept?.version, kept?.is_current],
      [id, 'texts', 'v1', false],
    )
    const { answer, bytes } = await download(id)
    assert.equal(answer.status, 200)
    assert.equal(answer.headers.get('content-type'), 'application/octet-stream')
    assert.equal(
      answer.headers.get('content-disposition'),
      `attachment; filename="texts-${String(id)}.model"`,
    )
    assert.ok(bytes.equals(file))
  })

  it('can be promoted like those that were trained here', async () => {
    const { id } = (await upload(makeModelFile('v1'))).json
    const promote = { method: 'POST', headers: otto.headers }
    const { json } = await send(api, `/models/${String(id)}/promote`, promote)
    assert.deepEqual(json['current'], { id, version: 'v1' })
  })

  it('are one model where they are alike', async () => {
    const uploads = await Promise.all([1, 2, 3].map(() => upload(makeModelFile('v1'))))
    assert.deepEqual(
      uploads.map(({ status }) => status),
      [200, 200, 200],
    )
    assert.equal(new Set(uploads.map(({ json }) => json['id'])).size, 1)
    assert.equal((await stored()).length, 2)
  })

  it('are refused under the version of another', async () => {
    const { id } = (await upload(makeModelFile('v1'))).json
    const other = makeModelFile('v1', { card: { ...testCard('v1', 'texts'), examples: 13 } })
    assertRefused(await upload(other), 409, 'model_version_taken')
    assert.deepEqual(
      (await stored()).map((model) => model.id),
      [null, id],
    )
    assert.ok((await download(id)).bytes.equals(makeModelFile('v1')))
  })

  it('are refused where they can not be read, with the reason, and nothing is kept', async () => {
    const whole = makeModelFile('v1')
    const later = makeModelFile('v1')
    later.writeUInt32LE(99, 8)
    const damaged = makeModelFile('v1')
    damaged[100] = damaged[100]! ^ 1
    assertRefused(await upload(Buffer.of()), 422, 'model_not_a_model')
    assertRefused(await upload(Buffer.from('{"task":"texts"}')), 422, 'model_not_a_model')
    assertRefused(await upload(damaged), 422, 'model_damaged')
    for (const length of [8, 16, 100, whole.length - 1])
      assertRefused(await upload(whole.subarray(0, length)), 422, 'model_damaged')
    assertRefused(await upload(Buffer.concat([whole, whole])), 422, 'model_damaged')
    assertRefused(await upload(later), 409, 'model_other_version')
    const english = { ...otto.headers, 'Accept-Language': 'en' }
    const dense = await upload(makeDenseModelFile('v1'), english)
    assertRefused(dense, 409, 'model_other_embedding', 'en')
    assertNoInnards(dense)
    await assertNothingStored()
  })

  it('are refused as anything but a file as it is', async () => {
    const file = makeModelFile('v1')
    const { headers, ...form } = multipart({ name: 'file', filename: 'a.model', body: file })
    const asForm = await send(api, '/models', { ...form, headers: { ...headers, ...otto.headers } })
    assertRefused(asForm, 415, 'bytes_expected')
    const asJson = await postJson(api, '/models', { task: 'texts' }, otto.headers)
    assertRefused(asJson, 415, 'bytes_expected')
    await assertNothingStored()
  })

  it('are refused above 128 MB', async () => {
    const headers = { ...otto.headers, 'Content-Length': String(128 * 1024 * 1024 + 1) }
    assertRefused(await upload(Buffer.of(1), headers), 413, 'body_too_large')
    await assertNothingStored()
  })

  it('are for operators alone, whatever is sent', async () => {
    const ana = await createPerson(api, 'Ana')
    const { id } = (await upload(makeModelFile('v1'))).json
    for (const [headers, status] of [
      [{}, 401],
      [asKey('bare-secret'), 403],
      [ana.headers, 403],
    ] as const) {
      assert.equal((await upload(makeModelFile('v2'), headers)).status, status)
      assert.equal((await postJson(api, '/models', {}, headers)).status, status)
      assert.equal((await download(id, headers)).answer.status, status)
    }
    assert.equal((await stored()).length, 2)
  })

  it('are limited like every POST', async () => {
    const limited = await startApi({ database: api.database, env: { POST_LIMIT_PER_MINUTE: '1' } })
    const post = () =>
      send(limited, '/models', {
        method: 'POST',
        headers: { ...otto.headers, ...type },
        body: makeModelFile('v1'),
      })
    try {
      assert.equal((await post()).status, 200)
      assertRefused(await post(), 429, 'too_many_requests')
    } finally {
      await limited.close()
    }
  })

  it('are not there under other ids, nor of what ships', async () => {
    for (const id of [1_000_000, 0, 'x', 'null', '99999999999']) {
      const { answer, bytes } = await download(id)
      assert.equal(answer.status, 404)
      assert.match(bytes.toString(), /"code":"model_not_found"/)
    }
  })

  it('are audited when they are brought', async () => {
    const { id } = (await upload(makeModelFile('v1'))).json
    await upload(Buffer.of(1))
    const entries = (await listAudit(api.database.db, { limit: 20 })).filter(
      ({ action }) => action === 'model_added',
    )
    assert.deepEqual(
      entries.map((entry) => [entry.outcome, entry.caller, entry.subject]),
      [['ok', `account:${otto.id}`, String(id)]],
    )
  })
})
