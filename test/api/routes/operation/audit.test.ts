import assert from 'node:assert/strict'
import { assertRefused } from '../../support/assert-refused.js'
import { asBearer, asKey, createPerson, password, type Person } from '../../support/people.js'
import { postJson, send } from '../../support/send.js'
import { startApi, type TestApi } from '../../support/start-api.js'

describe('the audit', () => {
  let api: TestApi
  let ada: Person
  beforeEach(async () => {
    api = await startApi({ env: { API_KEYS: 'bare-secret,boss-secret:operator' } })
    ada = await createPerson(api, 'Ada', 'admin')
  })
  afterEach(() => api.close())

  const read = async (query = '') => {
    const answer = await send(api, `/audit${query}`, { headers: ada.headers })
    assert.equal(answer.status, 200, answer.text)
    return answer.list
  }
  const said = async () =>
    (await read()).map(({ action, outcome }) => `${String(action)} ${String(outcome)}`).reverse()

  it('has each sign-in and each failure, by whom and from where, without a name', async () => {
    const names = { username: 'Ada', password }
    await postJson(api, '/token', names)
    await postJson(api, '/token', { ...names, password: 'errada-e-longa' })
    await postJson(api, '/sign-in', { ...names, username: 'Ninguém' })
    assert.deepEqual(await said(), [
      'sign_in ok',
      'sign_in wrong_credentials',
      'sign_in wrong_credentials',
    ])
    const [unknown, wrong, ok] = await read()
    assert.equal(ok?.['account_id'], ada.id)
    assert.notEqual(wrong?.['subject'], unknown?.['subject'])
    for (const entry of [unknown, wrong, ok]) {
      assert.match(String(entry?.['address_hash']), /^[0-9a-f]{32}$/)
      assert.match(String(entry?.['request_id']), /^[\w-]{8,64}$/)
      assert.ok(!/127\.0\.0\.1|Ada|Ningu/.test(JSON.stringify(entry)))
    }
  })

  it('says a sign-in that is slowed down once a minute', async () => {
    for (let sent = 0; sent < 9; sent++)
      await postJson(api, '/token', { username: 'Ada', password: 'errada-e-longa' })
    const entries = await said()
    assert.equal(entries.filter((entry) => entry === 'sign_in too_many_sign_ins').length, 1)
    assert.equal(entries.filter((entry) => entry === 'sign_in wrong_credentials').length, 5)
  })

  it('has who was refused with a credential, once a minute, and nobody without one', async () => {
    await send(api, '/metrics')
    await postJson(api, '/classify-email', { text: 'Bom dia' })
    assert.deepEqual(await said(), [])
    for (let sent = 0; sent < 3; sent++) {
      await send(api, '/metrics', { headers: asKey('bare-secret') })
      await send(api, '/metrics', { headers: asBearer('a.b.c') })
      await send(api, '/users/', { headers: asBearer('a.b.c') })
    }
    assert.deepEqual(await said(), ['access 403', 'access 401', 'access 401'])
    const [users, metrics, forbidden] = await read()
    assert.deepEqual(
      [users?.['subject'], metrics?.['subject'], forbidden?.['subject']],
      ['GET /users/', 'GET /metrics', 'GET /metrics'],
    )
    assert.match(String(forbidden?.['caller']), /^setting:[0-9a-f]{16}$/)
    assert.equal(users?.['caller'], null)
  })

  it('has the use of an operator’s key, once a minute for each', async () => {
    const { id, secret } = await api.accounts.createKey({ name: 'painel', scopes: ['operator'] })
    for (let sent = 0; sent < 3; sent++) {
      await send(api, '/metrics', { headers: asKey('boss-secret') })
      await send(api, '/metrics', { headers: asKey(secret) })
    }
    await postJson(api, '/classify-email', { text: 'Bom dia' }, asKey('bare-secret'))
    assert.deepEqual(await said(), ['key_use ok', 'key_use ok'])
    assert.equal((await read())[0]?.['caller'], `key:${id}`)
  })

  it('has what is changed of accounts and keys, by whom', async () => {
    const made = await postJson(api, '/users/', { username: 'Ana', password })
    const path = `/users/${String(made.json['id'])}`
    const headers = { ...ada.headers, 'Content-Type': 'application/json' }
    const body = JSON.stringify({ role: 'operator', disabled: true })
    await send(api, path, { method: 'PUT', headers, body })
    await send(api, path, { method: 'DELETE', headers })
    const key = await postJson(api, '/api-keys', { name: 'site', scopes: ['chat'] }, headers)
    await send(api, `/api-keys/${String(key.json['id'])}`, { method: 'DELETE', headers })
    await postJson(api, '/sign-out', {}, ada.headers)
    assert.deepEqual(await said(), [
      'account_created user',
      'account_changed role',
      'account_changed disabled',
      'account_removed ok',
      'key_created ok',
      'key_revoked ok',
      'sign_out here',
    ])
    const [signOut, , keyCreated, , , , created] = await read()
    assert.deepEqual([signOut?.['caller'], signOut?.['account_id']], [`account:${ada.id}`, ada.id])
    assert.equal(keyCreated?.['subject'], String(key.json['id']))
    assert.deepEqual([created?.['caller'], created?.['subject']], ['open', String(made.json['id'])])
  })

  it('is read newest first, in parts', async () => {
    for (const username of ['um', 'dois', 'tres'])
      await postJson(api, '/users/', { username, password })
    const [newest, second, ...rest] = await read('?limit=2')
    assert.deepEqual(rest, [])
    const before = Number(second?.['id'])
    assert.ok(Number(newest?.['id']) > before)
    const older = await read(`?before=${before}`)
    assert.equal(older.length, 1)
    const { headers } = ada
    for (const query of ['?limit=0', '?limit=1001', '?before=x'])
      assertRefused(await send(api, `/audit${query}`, { headers }), 422, 'invalid_body')
  })

  it('stops nothing where it can’t be written', async () => {
    const { db } = api.database
    await db.schema.alterTable('audit').renameTo('audit_away').execute()
    const answer = await postJson(api, '/token', { username: 'Ada', password })
    await db.schema.alterTable('audit_away').renameTo('audit').execute()
    assert.equal(answer.status, 200)
    assert.ok(api.logLines.some((line) => line.includes('An audit entry could not be written.')))
  })
})
