import assert from 'node:assert/strict'
import { assertRefused } from '../support/assert-refused.js'
import { asBearer, asCookie, asKey, createPerson, type Person } from '../support/people.js'
import { postJson, send } from '../support/send.js'
import { startApi, type TestApi } from '../support/start-api.js'

const temporalUi = 'http://127.0.0.1:8233'

describe('the session cookie', () => {
  let api: TestApi
  let otto: Person
  before(async () => {
    api = await startApi({ env: { API_KEYS: 'bare-secret' } })
    otto = await createPerson(api, 'Otto', 'operator')
  })
  after(() => api.close())

  const classify = (headers: Record<string, string>) =>
    postJson(api, '/classify-email', { text: 'Bom dia' }, headers)

  it('counts for what only reads, wherever it is asked from', async () => {
    for (const headers of [{}, { Origin: 'http://localhost:3000' }])
      assert.equal(
        (await send(api, '/metrics', { headers: { ...asCookie(otto.token), ...headers } })).status,
        200,
      )
  })

  it('counts for what changes something from our pages and allowed ones alone', async () => {
    const cookie = asCookie(otto.token)
    const own = `http://127.0.0.1:${api.port}`
    for (const origin of ['http://localhost:3000', own])
      assert.equal((await classify({ ...cookie, Origin: origin })).status, 200, origin)
    for (const origin of ['https://evil.example', 'null', 'http://localhost:3001'])
      assertRefused(await classify({ ...cookie, Origin: origin }), 403, 'foreign_origin')
    assertRefused(await classify(cookie), 401, 'unauthorized')
  })

  it('is what the Temporal UI opens payloads with, and nothing else', async () => {
    const headers = { ...asCookie(otto.token), Origin: temporalUi }
    const opened = await postJson(api, '/codec/decode', { payloads: [] }, headers)
    assert.equal(opened.status, 200)
    assert.equal(opened.headers['access-control-allow-origin'], temporalUi)
    assert.equal(opened.headers['access-control-allow-credentials'], 'true')
    assertRefused(await classify(headers), 403, 'foreign_origin')
  })

  it('is no API key, and an old one does not count beside what a script shows', async () => {
    const allowed = { Origin: 'http://localhost:3000' }
    assertRefused(await classify({ ...asCookie('bare-secret'), ...allowed }), 401, 'unauthorized')
    const both = { ...asCookie('old'), ...asKey('bare-secret') }
    assert.equal((await classify(both)).status, 200)
  })

  it('counts after what a script shows', async () => {
    const wrong = { ...asCookie(otto.token), ...asBearer('wrong') }
    assertRefused(await send(api, '/metrics', { headers: wrong }), 401, 'unauthorized')
  })
})

describe('an account on loopback while no key is set', () => {
  let api: TestApi
  before(async () => {
    api = await startApi()
  })
  after(() => api.close())

  it('is known by its token, and a token that is not good is refused where all is open', async () => {
    const ana = await createPerson(api, 'Ana')
    const classify = (headers: Record<string, string>) =>
      postJson(api, '/classify-email', { text: 'Bom dia' }, headers)
    assert.equal((await classify(ana.headers)).status, 200)
    assertRefused(await send(api, '/metrics', { headers: ana.headers }), 403, 'forbidden')
    assertRefused(await classify(asBearer('a.b.c')), 401, 'unauthorized')
    assertRefused(
      await send(api, '/messages/inbox/', { headers: asBearer('a.b.c') }),
      401,
      'sign_in_required',
    )
    assert.equal((await send(api, '/messages/inbox/', { headers: ana.headers })).status, 200)
  })

  it('loses a cookie that has ended with the first answer that refuses it', async () => {
    const eva = await createPerson(api, 'Eva')
    await api.accounts.signOutEverywhere(eva.id)
    const headers = { ...asCookie(eva.token), Origin: 'http://localhost:3000' }
    const answer = await postJson(api, '/classify-email', { text: 'Bom dia' }, headers)
    assertRefused(answer, 401, 'unauthorized')
    assert.match(
      String(answer.headers['set-cookie']),
      /^triagem_session=; .*expires=Thu, 01 Jan 1970/,
    )
  })

  it('is told that its cookie counts only with an Origin', async () => {
    const lia = await createPerson(api, 'Lia')
    const signOut = (headers: Record<string, string>) => postJson(api, '/sign-out', {}, headers)
    assertRefused(await signOut(asCookie(lia.token)), 401, 'origin_required')
    assertRefused(await signOut({}), 401, 'sign_in_required')
    const stale = { ...asCookie('a.b.c'), Origin: 'http://localhost:3000' }
    assertRefused(await signOut(stale), 401, 'sign_in_required')
  })

  it('is not known any more once it is disabled', async () => {
    const rui = await createPerson(api, 'Rui')
    await api.accounts.setDisabled(rui.id, true)
    const answer = await send(api, '/users/', { headers: rui.headers })
    assertRefused(answer, 401, 'sign_in_required')
  })
})

describe('a signing key that is replaced', () => {
  it('is still read beside the new one, which signs, until it is taken away', async () => {
    const older = 'older-signing-key-known-to-all'
    const newer = 'newer-signing-key-known-to-all'
    const before = await startApi({ env: { SECRET_KEY: older } })
    const ana = await createPerson(before, 'Ana')
    await before.close()
    const { database } = before
    const rotated = await startApi({ env: { SECRET_KEY: `${newer},${older}` }, database })
    const rui = await createPerson(rotated, 'Rui')
    const status = async (api: TestApi, { headers }: Person) =>
      (await send(api, '/users/', { headers })).status
    assert.deepEqual([await status(rotated, ana), await status(rotated, rui)], [200, 200])
    await rotated.close()
    const after = await startApi({ env: { SECRET_KEY: newer }, database })
    assert.deepEqual([await status(after, ana), await status(after, rui)], [401, 200])
    await after.close()
  })
})
