import assert from 'node:assert/strict'
import { assertRefused } from '../../support/assert-refused.js'
import { asBearer, asKey, createPerson, password, type Person } from '../../support/people.js'
import { postJson, send } from '../../support/send.js'
import { startApi, type TestApi } from '../../support/start-api.js'

const everything = ['classify', 'finance', 'chat', 'mailbox', 'operator']

describe('the scopes of accounts', () => {
  let api: TestApi
  let ada: Person
  beforeEach(async () => {
    api = await startApi()
    ada = await createPerson(api, 'Ada', 'admin')
  })
  afterEach(() => api.close())

  const list = async (query = '', headers = ada.headers) =>
    await send(api, `/accounts${query}`, { headers })
  const put = (id: unknown, body: unknown) =>
    send(api, `/users/${String(id)}`, {
      method: 'PUT',
      headers: { ...ada.headers, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })

  it('are given with the account, and listed with its role and state', async () => {
    const maria = { username: 'Maria', password, scopes: ['finance'] }
    const made = await postJson(api, '/users/', maria, ada.headers)
    assert.equal(made.status, 200, made.text)
    await put(made.json['id'], { disabled: true })
    const states = (await list()).list
    assert.deepEqual(
      states.map(({ id, created_at: at, ...state }) => [
        typeof id,
        Math.abs(Date.parse(String(at)) - Date.now()) < 60_000,
        state,
      ]),
      [
        ['number', true, { username: 'Ada', role: 'admin', scopes: everything, state: 'active' }],
        [
          'number',
          true,
          { username: 'Maria', role: 'user', scopes: ['classify', 'finance'], state: 'disabled' },
        ],
      ],
    )
    const [second, ...others] = (await list('?skip=1&limit=1')).list
    assert.deepEqual([second?.['username'], others], ['Maria', []])
    assert.equal((await list('?skip=x')).status, 422)
  })

  it('open what they name, at once for tokens that are about', async () => {
    const rui = await createPerson(api, 'Rui')
    const scopes = async () => (await api.accounts.authenticate(rui.token))?.scopes
    assert.equal((await put(rui.id, { scopes: ['finance', 'chat'] })).status, 200)
    assert.deepEqual(await scopes(), ['classify', 'finance', 'chat'])
    assert.equal((await put(rui.id, { scopes: [] })).status, 200)
    assert.deepEqual(await scopes(), ['classify'])
    for (const bad of [['operator'], ['root'], 'finance', null])
      assert.equal((await put(rui.id, { scopes: bad })).status, 422, JSON.stringify(bad))
  })

  it('are given by administrators alone', async () => {
    const rui = await createPerson(api, 'Rui')
    const eva = { username: 'Eva', password, scopes: ['finance'] }
    for (const headers of [{}, rui.headers, asBearer('a.b.c')])
      assertRefused(await postJson(api, '/users/', eva, headers), 403, 'forbidden')
    const none = await postJson(api, '/users/', { ...eva, scopes: [] })
    assert.equal(none.status, 200, none.text)
  })

  it('are shown to operators alone, also on loopback while no key is set', async () => {
    const otto = await createPerson(api, 'Otto', 'operator')
    assert.equal((await list('', otto.headers)).status, 200)
    const rui = await createPerson(api, 'Rui')
    assertRefused(await list('', rui.headers), 403, 'forbidden')
    assertRefused(await list('', {}), 401, 'unauthorized')
    assertRefused(await list('', asKey('whatever')), 401, 'unauthorized')
  })
})
