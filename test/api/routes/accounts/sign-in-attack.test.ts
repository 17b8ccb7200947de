import assert from 'node:assert/strict'
import { assertRefused } from '../../support/assert-refused.js'
import { createPerson, password, readSetCookie } from '../../support/people.js'
import { type Answer, postJson } from '../../support/send.js'
import { startApi, type TestApi } from '../../support/start-api.js'

describe('an account that a hundred addresses try to hold shut', () => {
  let api: TestApi
  before(async () => {
    api = await startApi({ env: { TRUST_PROXY: '1' } })
    await createPerson(api, 'Ana')
  })
  after(() => api.close())

  const from = (address: string, cookie?: string) => ({
    'X-Forwarded-For': address,
    ...(cookie === undefined ? {} : { Cookie: cookie }),
  })
  const signIn = (
    headers: Record<string, string>,
    secret = password,
    path: '/token' | '/sign-in' = '/token',
  ): Promise<Answer> => postJson(api, path, { username: 'Ana', password: secret }, headers)
  const readDevice = ({ headers }: Answer) =>
    `triagem_device=${readSetCookie(headers['set-cookie'], 'triagem_device')}`

  it('lets its owner in, from a device of theirs and from a fresh address', async function () {
    this.timeout(120_000)
    const home = '198.51.100.1'
    const first = await signIn(from(home), password, '/sign-in')
    assert.equal(first.status, 200)
    const device = readDevice(first)
    let guesses = 0
    for (let round = 0; round < 6; round++)
      for (let i = 0; i < 100; i++) {
        const answer = await signIn(from(`203.0.113.${i}`), 'errada-e-longa')
        if (answer.status === 401) guesses++
        else assertRefused(answer, 429, 'too_many_sign_ins')
      }
    assert.ok(guesses <= 250, `${guesses} guesses were looked at`)
    for (const path of ['/token', '/sign-in'] as const)
      assert.equal((await signIn(from(home, device), password, path)).status, 200)
    assert.equal((await signIn(from('198.51.100.2'), 'errada-e-longa')).status, 401)
    assert.equal((await signIn(from('198.51.100.2'))).status, 200)
    const amidst = from('203.0.113.5')
    assertRefused(await signIn(amidst), 429, 'too_many_sign_ins')
    assert.equal((await signIn({ ...amidst, Cookie: device })).status, 200)
  })

  it('gives a device a cookie that no script reads, which no foreign form sends and which opens nothing', async () => {
    const answer = await signIn(from('198.51.100.3'), password, '/sign-in')
    const cookie = answer.headers['set-cookie']?.find((one) => one.startsWith('triagem_device='))
    assert.match(cookie ?? '', /; path=\/; expires=.*; samesite=lax; httponly$/i)
    assert.doesNotMatch(cookie ?? '', /ana/i)
    const opened = await postJson(api, '/sign-out', {}, { Cookie: readDevice(answer) })
    assertRefused(opened, 401, 'sign_in_required')
  })
})
