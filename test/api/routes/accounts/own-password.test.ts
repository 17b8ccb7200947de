import assert from 'node:assert/strict'
import { assertRefused } from '../../support/assert-refused.js'
import {
  asBearer,
  asCookie,
  asKey,
  createPerson,
  password,
  type Person,
  readSetCookie,
} from '../../support/people.js'
import { postJson, send } from '../../support/send.js'
import { startApi, type TestApi } from '../../support/start-api.js'

describe('PUT /accounts/me/password', () => {
  const next = 'outra-e-longa'
  const localKey = 'the-key-of-this-run'
  let api: TestApi
  let ana: Person
  beforeEach(async () => {
    api = await startApi({ localKey })
    ana = await createPerson(api, 'Ana')
  })
  afterEach(() => api.close())

  const change = (body: unknown, headers: Record<string, string> = ana.headers) =>
    send(api, '/accounts/me/password', {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  const mayCall = async (headers: Record<string, string>) =>
    (await send(api, '/users/', { headers })).status
  const signIn = async (secret: string) =>
    (await postJson(api, '/token', { username: 'Ana', password: secret })).status

  it('ends every other session, and lets the caller go on with a new token', async () => {
    const answer = await change({ current: password, new: next })
    assert.equal(answer.status, 200, answer.text)
    const { access_token: token, ...rest } = answer.json
    assert.deepEqual(rest, { message: 'Senha alterada.', token_type: 'bearer' })
    assert.equal(answer.headers['cache-control'], 'no-store')
    assert.equal(await mayCall(ana.headers), 401)
    assert.equal(await mayCall(asBearer(String(token))), 200)
    assert.deepEqual([await signIn(password), await signIn(next)], [401, 200])
  })

  it('replaces the cookie of a page, which gets no token to read', async () => {
    const page = { ...asCookie(ana.token), Origin: 'http://localhost:3000' }
    const answer = await change({ current: password, new: next }, page)
    assert.deepEqual(answer.json, { message: 'Senha alterada.' })
    const cookie = readSetCookie(answer.headers['set-cookie'], 'triagem_session')
    assert.equal(await mayCall(asCookie(cookie)), 200)
    assert.equal(await mayCall(asCookie(ana.token)), 401)
    assertRefused(await change({}, asCookie(cookie)), 401, 'origin_required')
  })

  it('changes nothing for who does not know the present one, and slows them down', async () => {
    for (let i = 0; i < 10; i++)
      assertRefused(await change({ current: 'errada-e-longa', new: next }), 403, 'wrong_password')
    assertRefused(await change({ current: password, new: next }), 429, 'too_many_sign_ins')
    assert.equal(await mayCall(ana.headers), 200)
    assert.equal(await signIn(password), 200)
  })

  it('takes what is a password alone', async () => {
    assertRefused(await change({ current: password, new: 'curta' }), 422, 'invalid_password')
    for (const body of [{}, { current: password }, { current: 5, new: next }]) {
      const { status, json } = await change(body)
      assert.deepEqual([status, json['code']], [422, 'invalid_field'])
    }
  })

  it('is for accounts alone', async () => {
    const body = { current: password, new: next }
    for (const headers of [{}, asKey(localKey), asBearer('a.b.c')])
      assertRefused(await change(body, headers), 401, 'sign_in_required')
  })

  it('is written down, by ids alone', async () => {
    await change({ current: password, new: next })
    const ada = await createPerson(api, 'Ada', 'admin')
    const [entry] = (await send(api, '/audit', { headers: ada.headers })).list
    assert.deepEqual(
      [entry?.['action'], entry?.['outcome'], entry?.['subject'], entry?.['account_id']],
      ['account_changed', 'own_password', String(ana.id), ana.id],
    )
  })
})
