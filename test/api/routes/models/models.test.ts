import assert from 'node:assert/strict'
import { listAudit } from '../../../../db/audit.js'
import { addTestModel, testCard } from '../../../support/models.js'
import { assertRefused } from '../../support/assert-refused.js'
import { createPerson, type Person } from '../../support/people.js'
import { send } from '../../support/send.js'
import { startApi, type TestApi } from '../../support/start-api.js'

describe('/models', () => {
  const { quality } = testCard('any')
  let api: TestApi
  let otto: Person
  beforeEach(async () => {
    api = await startApi({ env: { API_KEYS: 'bare-secret' } })
    otto = await createPerson(api, 'Otto', 'operator')
  })
  afterEach(() => api.close())

  const list = async () => (await send(api, '/models', { headers: otto.headers })).list
  const change = (id: number | string, what: 'promote' | 'rollback', language = '') =>
    send(api, `/models/${id}/${what}`, {
      method: 'POST',
      headers: { ...otto.headers, ...(language === '' ? {} : { 'Accept-Language': language }) },
    })
  const currents = async () =>
    (await list()).filter((model) => model['is_current']).map(({ version }) => version)

  it('lists what ships and what was trained, task by task', async () => {
    const text = await addTestModel(api.database.db, 't1', 'texts')
    const email = await addTestModel(api.database.db, 'e1')
    const [shipped, stored, other, ...rest] = await list()
    assert.deepEqual(rest, [])
    assert.deepEqual(shipped, {
      id: null,
      task: 'email',
      version: 'shipped',
      created_at: '2026-01-02T03:04:05.000Z',
      is_current: true,
      examples: 12,
      labels: 2,
      quality,
      problem: null,
    })
    const { created_at: createdAt, ...facts } = stored ?? {}
    assert.ok(Math.abs(Date.parse(String(createdAt)) - Date.now()) < 60_000)
    assert.deepEqual(facts, {
      id: email,
      task: 'email',
      version: 'e1',
      is_current: false,
      examples: 12,
      labels: 2,
      quality,
      problem: null,
    })
    assert.deepEqual([other?.['id'], other?.['is_current']], [text, false])
  })

  it('promotes a model and says so, in the reader’s language', async () => {
    const id = await addTestModel(api.database.db, 'e1')
    const { status, json } = await change(id, 'promote')
    assert.equal(status, 200)
    assert.deepEqual(json, {
      message: 'O modelo está em uso.',
      task: 'email',
      current: { id, version: 'e1' },
    })
    assert.equal((await change(id, 'promote', 'en')).json['message'], 'The model is in use.')
    assert.deepEqual(await currents(), ['e1'])
  })

  it('rolls back step by step, to the default that ships', async () => {
    const first = await addTestModel(api.database.db, 'e1')
    const second = await addTestModel(api.database.db, 'e2')
    await change(first, 'promote')
    await change(second, 'promote')
    assertRefused(await change(first, 'rollback'), 409, 'model_not_current')
    const { json } = await change(second, 'rollback')
    assert.deepEqual(json['current'], { id: first, version: 'e1' })
    const back = await change(first, 'rollback', 'en')
    assert.deepEqual(back.json, {
      message: 'The model before it is in use again.',
      task: 'email',
      current: { id: null, version: 'shipped' },
    })
    assertRefused(await change(first, 'rollback'), 409, 'model_not_current')
    assert.deepEqual(await currents(), ['shipped'])
  })

  it('keeps the only model of a task for which none ships', async () => {
    const id = await addTestModel(api.database.db, 't1', 'texts')
    await change(id, 'promote')
    assertRefused(await change(id, 'rollback'), 409, 'no_model_before')
  })

  it('refuses to promote what can not be read, and shows why', async () => {
    const id = await addTestModel(api.database.db, 'damaged-1')
    assertRefused(await change(id, 'promote'), 409, 'model_unusable')
    const problem = String((await list())[1]?.['problem'])
    assert.equal(problem, `email damaged-1 (model ${id}): damaged; train again`)
    assert.deepEqual(await currents(), ['shipped'])
  })

  it('does not know other models', async () => {
    for (const id of [1_000_000, 0, 'x', 'null', '99999999999'])
      for (const what of ['promote', 'rollback'] as const)
        assertRefused(await change(id, what), 404, 'model_not_found')
  })

  it('is audited, and each promotion names who did it', async () => {
    const id = await addTestModel(api.database.db, 'e1')
    await change(id, 'promote')
    await change(id, 'rollback')
    const entries = await listAudit(api.database.db, { limit: 10 })
    const caller = `account:${otto.id}`
    assert.deepEqual(
      entries
        .filter(({ action }) => action.startsWith('model_'))
        .map((entry) => [entry.action, entry.outcome, entry.caller, entry.subject]),
      [
        ['model_rolled_back', 'ok', caller, String(id)],
        ['model_promoted', 'ok', caller, String(id)],
      ],
    )
    const rows = await api.database.db.selectFrom('model_promotions').selectAll().execute()
    assert.deepEqual(
      rows.map(({ promoted_by: by }) => by),
      [caller, caller],
    )
  })
})
