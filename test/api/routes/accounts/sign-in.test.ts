import assert from 'node:assert/strict'
import { assertRefused } from '../../support/assert-refused.js'
import { asBearer, asCookie, createPerson, password, type Person } from '../../support/people.js'
import { type Answer, postJson, send } from '../../support/send.js'
import { startApi, type TestApi } from '../../support/start-api.js'

const page = 'http://localhost:3000'

describe('POST /token', () => {
  let api: TestApi
  let ana: Person
  beforeEach(async () => {
    api = await startApi()
    ana = await createPerson(api, 'Ana')
  })
  afterEach(() => api.close())

  const postForm = (fields: Record<string, string>) =>
    send(api, '/token', {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(fields).toString(),
    })
  const mayCall = async (token: string) =>
    (await send(api, '/users/', { headers: asBearer(token) })).status

  it('gives a token for a form, with grant_type or without, and for JSON', async () => {
    const names = { username: 'Ana', password }
    for (const answer of [
      await postForm(names),
      await postForm({ ...names, grant_type: 'password' }),
      await postJson(api, '/token', names),
      await postJson(api, '/token/', { ...names, username: 'ANA' }),
    ]) {
      assert.equal(answer.status, 200, answer.text)
      assert.equal(answer.headers['cache-control'], 'no-store')
      const { access_token: token, ...rest } = answer.json
      assert.deepEqual(rest, { token_type: 'bearer' })
      assert.equal(await mayCall(String(token)), 200)
    }
  })

  it('gives a JWT by HS256 whose subject is the username and that lasts 30 minutes', async () => {
    const { json } = await postForm({ username: 'ana', password })
    const [head, body] = String(json['access_token'])
      .split('.')
      .map((part) => Buffer.from(part, 'base64url').toString())
    assert.equal((JSON.parse(head ?? '') as { alg: string }).alg, 'HS256')
    const claims = JSON.parse(body ?? '') as { sub: string; iat: number; exp: number }
    assert.equal(claims.sub, 'Ana')
    assert.equal(claims.exp - claims.iat, 30 * 60)
  })

  it('refuses in the same words whether the name is known or not', async () => {
    const wrong = await postForm({ username: 'Ana', password: 'errada-e-longa' })
    const unknown = await postForm({ username: 'Ninguém', password })
    for (const answer of [wrong, unknown]) {
      assertRefused(answer, 401, 'wrong_credentials')
      assert.equal(answer.headers['www-authenticate'], 'Bearer')
      assert.equal(answer.headers['set-cookie'], undefined)
    }
    assert.equal(wrong.text, unknown.text)
  })

  it('refuses passwords that no account can have as it refuses wrong ones', async () => {
    for (const bad of [
      '',
      'curta',
      `${password}\0`,
      'a'.repeat(73),
      `${password}${'b'.repeat(99)}`,
    ])
      assertRefused(await postForm({ username: 'Ana', password: bad }), 401, 'wrong_credentials')
  })

  it('refuses what is no name or password in one sentence that names the field', async () => {
    const bodies = [
      {},
      { username: 'Ana' },
      { username: 5, password },
      { username: ['Ana'], password },
    ]
    for (const body of bodies) {
      const { status, json } = await postJson(api, '/token', body)
      assert.equal(status, 422)
      assert.equal(json['code'], 'invalid_field')
      assert.match(String(json['detail']), /^Campo ausente ou inválido: .*(username|password)\.$/)
      assert.equal(json['detail'], json['message'])
    }
    const broken = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{' }
    const { status, json } = await send(api, '/token', broken)
    assert.deepEqual([status, json['detail']], [422, 'O corpo não é um JSON válido.'])
    assert.equal((await postJson(api, '/token', [])).status, 422)
  })

  it('refuses a body of 1 MB', async () => {
    const answer = await postJson(api, '/token', { username: 'Ana', password: 'a'.repeat(2 ** 20) })
    assertRefused(answer, 413, 'body_too_large')
  })

  it('is slowed down after repeated failures, and says when to come back', async () => {
    const attempt = (secret: string) => postForm({ username: 'Ana', password: secret })
    for (let failures = 0; failures < 5; failures++)
      assertRefused(await attempt('errada-e-longa'), 401, 'wrong_credentials')
    const slowed = await attempt(password)
    assertRefused(slowed, 429, 'too_many_sign_ins')
    const seconds = Number(slowed.headers['retry-after'])
    assert.ok(Number.isInteger(seconds) && seconds >= 1, String(seconds))
    await createPerson(api, 'Rui')
    assert.equal((await postForm({ username: 'Rui', password })).status, 200)
  })

  it('gives nothing to an account that is disabled or gone', async () => {
    await api.accounts.setDisabled(ana.id, true)
    assertRefused(await postForm({ username: 'Ana', password }), 401, 'wrong_credentials')
    await api.accounts.setDisabled(ana.id, false)
    assert.equal((await postForm({ username: 'Ana', password })).status, 200)
    await api.accounts.remove(ana.id)
    assertRefused(await postForm({ username: 'Ana', password }), 401, 'wrong_credentials')
  })
})

describe('signing in on a page', () => {
  let api: TestApi
  afterEach(() => api.close())

  const signIn = (headers: Record<string, string> = {}) =>
    postJson(api, '/sign-in', { username: 'Ana', password }, { Origin: page, ...headers })
  const readCookie = ({ headers }: Answer) => {
    const set = headers['set-cookie'] ?? []
    const [cookie = '', ...others] = set.filter((one) => !one.startsWith('triagem_device='))
    assert.deepEqual(others, [])
    const [pair = '', ...attributes] = cookie.split('; ')
    const named = attributes.map((attribute) => attribute.toLowerCase())
    return { value: pair.replace('triagem_session=', ''), attributes: named }
  }

  it('sets a cookie that no script reads and no foreign form sends', async () => {
    api = await startApi({ env: { ACCESS_TOKEN_EXPIRE_MINUTES: '10' } })
    const { id } = await createPerson(api, 'Ana', 'operator')
    const answer = await signIn()
    assert.deepEqual(answer.json, { id, username: 'Ana', role: 'operator' })
    const { value, attributes } = readCookie(answer)
    for (const attribute of ['path=/', 'samesite=lax', 'httponly'])
      assert.ok(attributes.includes(attribute), attribute)
    assert.ok(!attributes.includes('secure'))
    const expires = attributes.find((attribute) => attribute.startsWith('expires='))?.slice(8)
    const minutes = (Date.parse(expires ?? '') - Date.now()) / 60_000
    assert.ok(minutes > 9 && minutes <= 10.1, String(minutes))
    assert.equal((await send(api, '/users/', { headers: asCookie(value) })).status, 200)
  })

  it('marks the cookie Secure where the page came by TLS', async () => {
    api = await startApi({ env: { TRUST_PROXY: '1' } })
    await createPerson(api, 'Ana')
    assert.ok(
      readCookie(await signIn({ 'X-Forwarded-Proto': 'https' })).attributes.includes('secure'),
    )
    assert.ok(!readCookie(await signIn()).attributes.includes('secure'))
  })

  it('sets none for a wrong password or from a foreign page', async () => {
    api = await startApi()
    await createPerson(api, 'Ana')
    const wrong = await postJson(api, '/sign-in', { username: 'Ana', password: 'errada-e-longa' })
    assertRefused(wrong, 401, 'wrong_credentials')
    const foreign = await signIn({ Origin: 'https://evil.example' })
    assertRefused(foreign, 403, 'foreign_origin')
    for (const answer of [wrong, foreign]) assert.equal(answer.headers['set-cookie'], undefined)
  })

  it('ends with a sign-out: the cookie goes, other devices stay', async () => {
    api = await startApi()
    const ana = await createPerson(api, 'Ana')
    const cookie = { ...asCookie(ana.token), Origin: page }
    const answer = await postJson(api, '/sign-out', {}, cookie)
    assert.equal(answer.status, 200)
    assert.equal(readCookie(answer).value, '')
    assert.equal((await send(api, '/users/', { headers: ana.headers })).status, 200)
    assert.equal((await send(api, '/sign-out', { method: 'POST', headers: cookie })).status, 200)
  })

  it('ends everywhere where that is asked', async () => {
    api = await startApi()
    const ana = await createPerson(api, 'Ana')
    const other = (await signIn()).headers['set-cookie']?.[0]?.split(';')[0] ?? ''
    const answer = await postJson(api, '/sign-out', { everywhere: true }, ana.headers)
    assert.equal(answer.status, 200)
    for (const headers of [ana.headers, { Cookie: other }])
      assertRefused(await send(api, '/users/', { headers }), 401, 'sign_in_required')
    assert.equal((await signIn()).status, 200)
    const bad = await postJson(api, '/sign-out', { everywhere: 'yes' }, ana.headers)
    assertRefused(bad, 401, 'sign_in_required')
  })
})
