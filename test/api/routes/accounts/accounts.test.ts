import assert from 'node:assert/strict'
import { assertRefused } from '../../support/assert-refused.js'
import { asKey, createPerson, password, type Person } from '../../support/people.js'
import { postJson, send } from '../../support/send.js'
import { startApi, type TestApi } from '../../support/start-api.js'

type Headers = Readonly<Record<string, string>>

let api: TestApi
const register = (body: unknown, headers: Headers = {}) => postJson(api, '/users/', body, headers)
const put = (id: number | string, body: unknown, headers: Headers) =>
  send(api, `/users/${id}`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
const remove = (id: number | string, headers: Headers) =>
  send(api, `/users/${id}`, { method: 'DELETE', headers })
const signIn = (username: string, secret = password) =>
  postJson(api, '/token', { username, password: secret })
const listNames = async (headers: Headers, query = '') => {
  const { list } = await send(api, `/users/${query}`, { headers })
  return list.map(({ username }) => username)
}
const countAccounts = async () =>
  (await api.database.db.selectFrom('accounts').select('id').execute()).length

describe('POST /users/', () => {
  beforeEach(async () => {
    api = await startApi()
  })
  afterEach(() => api.close())

  it('makes an account that can sign in, and stores no password', async () => {
    const { status, json } = await register({ username: ' Ana  Maria ', password })
    assert.equal(status, 200)
    assert.deepEqual(json, { id: json['id'], username: 'Ana Maria' })
    assert.ok(Number.isInteger(json['id']))
    assert.equal((await signIn('ana maria')).status, 200)
    const row = await api.database.db
      .selectFrom('accounts')
      .select(['password_hash', 'role'])
      .executeTakeFirstOrThrow()
    assert.match(row.password_hash ?? '', /^\$2b\$/)
    assert.equal(row.role, 'user')
  })

  it('refuses a name that is taken, also by case and look-alikes', async () => {
    assert.equal((await register({ username: 'Ana', password })).status, 200)
    for (const username of ['Ana', 'ANA', ' ana ', 'Аna', 'Ａｎａ'])
      assertRefused(await register({ username, password }), 400, 'username_taken')
    assert.equal((await register({ username: 'Aná', password })).status, 200)
  })

  it('makes one account of two requests for one name at once', async () => {
    const answers = await Promise.all(
      ['Ana', 'ana', 'ANA', 'aNa'].map((username) => register({ username, password })),
    )
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 400, 400, 400])
    assert.equal(await countAccounts(), 1)
  })

  it('refuses names that are empty, too long or hold what is not seen', async () => {
    for (const username of ['', '   ', 'a'.repeat(256), 'a\0b', 'a\u202Eb', 'a\u200Bb', 'a\nb'])
      assertRefused(await register({ username, password }), 422, 'invalid_username')
    assert.equal((await register({ username: 'a'.repeat(255), password })).status, 200)
  })

  it('refuses passwords that are too short, too long or hold NUL', async () => {
    for (const bad of ['sete777', 'a'.repeat(73), `${'ç'.repeat(36)}a`, 'com\0nulo-e-longa'])
      assertRefused(await register({ username: 'Ana', password: bad }), 422, 'invalid_password')
    assert.equal(await countAccounts(), 0)
    assert.equal((await register({ username: 'Ana', password: 'ç'.repeat(36) })).status, 200)
  })

  it('refuses fields that are none in one sentence, and a body of 1 MB', async () => {
    for (const body of [{}, { username: 'Ana' }, { username: 1, password }, [], 'Ana']) {
      const { status, json } = await register(body)
      assert.equal(status, 422)
      assert.equal(typeof json['detail'], 'string')
    }
    const huge = { username: 'Ana', password, note: 'a'.repeat(2 ** 20) }
    assertRefused(await register(huge), 413, 'body_too_large')
  })

  it('gives a role at an administrator’s word alone', async () => {
    const user = await createPerson(api, 'Rui')
    for (const headers of [{}, user.headers])
      assertRefused(
        await register({ username: 'Eva', password, role: 'admin' }, headers),
        403,
        'forbidden',
      )
    const admin = await createPerson(api, 'Ada', 'admin')
    const made = await register({ username: 'Eva', password, role: 'operator' }, admin.headers)
    assert.equal(made.status, 200)
    const eva = await api.accounts.find({ username: 'Eva' })
    assert.equal(eva?.role, 'operator')
  })

  it('is for administrators where registration is closed', async () => {
    await api.close()
    api = await startApi({ env: { REGISTRATION: 'closed' }, localKey: 'the-key-of-this-run' })
    const operator = await createPerson(api, 'Otto', 'operator')
    for (const headers of [{}, operator.headers, asKey('whatever')])
      assertRefused(
        await register({ username: 'Eva', password }, headers),
        403,
        'registration_closed',
      )
    const admin = await createPerson(api, 'Ada', 'admin')
    assert.equal((await register({ username: 'Eva', password }, admin.headers)).status, 200)
    const local = await register({ username: 'Ivo', password }, asKey('the-key-of-this-run'))
    assert.equal(local.status, 200)
  })
})

describe('GET /users/', () => {
  let ana: Person
  before(async () => {
    api = await startApi()
    ana = await createPerson(api, 'Ana')
    for (const name of ['Bia', 'Caio', 'Davi']) await createPerson(api, name)
  })
  after(() => api.close())

  it('lists the others, as a bare array of ids and names', async () => {
    const { list: listed } = await send(api, '/users/', { headers: ana.headers })
    assert.deepEqual(
      listed.map(({ username }) => username),
      ['Bia', 'Caio', 'Davi'],
    )
    assert.deepEqual(Object.keys(listed[0] ?? {}).toSorted(), ['id', 'username'])
  })

  it('gives the part that skip and limit name', async () => {
    assert.deepEqual(await listNames(ana.headers, '?skip=1&limit=1'), ['Caio'])
    assert.deepEqual(await listNames(ana.headers, '?skip=3'), [])
    assert.deepEqual(await listNames(ana.headers, '?limit=0'), [])
  })

  it('refuses a skip or limit that is none', async () => {
    for (const query of [
      '?skip=-1',
      '?limit=x',
      '?limit=1.5',
      '?skip=99999999999',
      '?limit=1&limit=2',
    ]) {
      const { status, json } = await send(api, `/users/${query}`, { headers: ana.headers })
      assert.equal(status, 422, query)
      assert.match(String(json['detail']), /^Campo ausente ou inválido: (skip|limit)\.$/)
    }
  })

  it('is not at /users without the final slash, and says so', async () => {
    const told = [404, 'final_slash_missing'] as const
    assertRefused(await send(api, '/users', { headers: ana.headers }), ...told)
    assertRefused(await postJson(api, '/users', { username: 'Eva', password }), ...told)
  })
})

describe('PUT /users/:id', () => {
  let ana: Person
  let ada: Person
  beforeEach(async () => {
    api = await startApi()
    ana = await createPerson(api, 'Ana')
    ada = await createPerson(api, 'Ada', 'admin')
  })
  afterEach(() => api.close())

  it('changes a role, at once for tokens that are about', async () => {
    const { status, json } = await put(ana.id, { role: 'admin' }, ada.headers)
    assert.equal(status, 200)
    assert.deepEqual(json, { id: ana.id, username: 'Ana', role: 'admin', disabled: false })
    assert.equal((await send(api, '/api-keys', { headers: ana.headers })).status, 200)
    assert.equal((await put(ana.id, { role: 'user' }, ada.headers)).status, 200)
    assertRefused(await send(api, '/api-keys', { headers: ana.headers }), 403, 'forbidden')
  })

  it('disables an account, whose tokens end, and enables it again', async () => {
    assert.equal((await put(ana.id, { disabled: true }, ada.headers)).json['disabled'], true)
    assert.equal((await send(api, '/users/', { headers: ana.headers })).status, 401)
    assert.equal((await signIn('Ana')).status, 401)
    assert.equal((await put(ana.id, { disabled: false }, ada.headers)).json['disabled'], false)
    assert.equal((await signIn('Ana')).status, 200)
    assert.equal((await send(api, '/users/', { headers: ana.headers })).status, 401)
  })

  it('sets a password, and the old one with its tokens ends', async () => {
    const other = 'outra-bem-longa'
    assert.equal((await put(ana.id, { password: other }, ada.headers)).status, 200)
    assert.equal((await signIn('Ana')).status, 401)
    assert.equal((await signIn('Ana', other)).status, 200)
    assert.equal((await send(api, '/users/', { headers: ana.headers })).status, 401)
    const half = { role: 'admin', password: 'curta' }
    assertRefused(await put(ana.id, half, ada.headers), 422, 'invalid_password')
    assert.equal((await api.accounts.find({ id: ana.id }))?.role, 'user')
  })

  it('signs an account out everywhere', async () => {
    assert.equal((await put(ana.id, { sign_out: true }, ada.headers)).status, 200)
    assert.equal((await send(api, '/users/', { headers: ana.headers })).status, 401)
    assert.equal((await signIn('Ana')).status, 200)
  })

  it('leaves the last administrator', async () => {
    assertRefused(await put(ada.id, { role: 'user' }, ada.headers), 409, 'last_admin')
    assertRefused(await put(ada.id, { disabled: true }, ada.headers), 409, 'last_admin')
    assertRefused(await remove(ada.id, ada.headers), 409, 'last_admin')
    assert.equal((await send(api, '/api-keys', { headers: ada.headers })).status, 200)
  })

  it('refuses what changes nothing or is no account', async () => {
    for (const body of [{}, { role: 'king' }, { disabled: 'yes' }, { sign_out: false }, { id: 5 }])
      assert.equal((await put(ana.id, body, ada.headers)).status, 422, JSON.stringify(body))
    for (const id of [0, '-1', '1.5', 'x', '2147483648', '99999999999999999999', 2_000_000_000])
      assertRefused(await put(id, { role: 'user' }, ada.headers), 404, 'account_not_found')
  })
})

describe('DELETE /users/:id', () => {
  let ana: Person
  let rui: Person
  let ada: Person
  beforeEach(async () => {
    api = await startApi()
    ana = await createPerson(api, 'Ana')
    rui = await createPerson(api, 'Rui')
    ada = await createPerson(api, 'Ada', 'admin')
  })
  afterEach(() => api.close())

  it('removes oneself, and anybody as an administrator', async () => {
    assert.equal((await remove(ana.id, ana.headers)).json['message'], 'Conta removida.')
    assert.equal((await send(api, '/users/', { headers: ana.headers })).status, 401)
    assert.equal((await remove(rui.id, ada.headers)).status, 200)
    assert.deepEqual(await listNames(ada.headers), [])
    assertRefused(await remove(rui.id, ada.headers), 404, 'account_not_found')
    assertRefused(await register({ username: 'Ana', password }), 400, 'username_taken')
  })

  it('removes nobody else', async () => {
    assertRefused(await remove(rui.id, ana.headers), 403, 'forbidden')
    assertRefused(await remove(rui.id, {}), 401, 'sign_in_required')
    assert.equal((await signIn('Rui')).status, 200)
  })

  it('leaves the mail that the account sent', async () => {
    const message = { recipient_id: rui.id, title: 'Olá', body: 'Bom dia' }
    assert.equal((await postJson(api, '/messages/', message, ana.headers)).status, 200)
    await remove(ana.id, ana.headers)
    const { list } = await send(api, '/messages/inbox/', { headers: rui.headers })
    const [kept] = list
    assert.deepEqual([kept?.['title'], kept?.['sender_username']], ['Olá', 'Ana'])
  })
})
