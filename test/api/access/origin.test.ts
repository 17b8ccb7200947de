import assert from 'node:assert/strict'
import { createOriginRules } from '../../../api/access/origin.js'
import { testConfig } from '../../support/config.js'
import { assertRefused } from '../support/assert-refused.js'
import { countRows } from '../support/count-rows.js'
import { postJson, send } from '../support/send.js'
import { sendRaw } from '../support/send-raw.js'
import { startApi, type TestApi } from '../support/start-api.js'

describe('createOriginRules()', () => {
  const rules = createOriginRules(testConfig({ ALLOWED_HOSTS: 'Triagem.Example.org' }))

  it('knows our own names', () => {
    const ours = [
      'localhost',
      'LOCALHOST:8000',
      '127.0.0.1:8000',
      '127.1.2.3',
      '[::1]:8000',
      'triagem.example.org',
      'triagem.example.org:443',
    ]
    for (const host of ours) assert.equal(rules.isOurHost(host), true, host)
  })

  it('knows no other, however it is dressed up', () => {
    const foreign = [
      undefined,
      '',
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      'localhost@evil.example',
      'evil.example#localhost',
      'evil.example/localhost',
      'localhost/evil',
      'triagem.example.org.evil.example',
      '0.0.0.0',
      '192.168.0.1',
      'local host',
    ]
    for (const host of foreign) assert.equal(rules.isOurHost(host), false, String(host))
  })

  it('lets our pages, allowed pages and scripts change things', () => {
    const host = 'localhost:8000'
    for (const origin of [
      undefined,
      'http://localhost:3000',
      'http://127.0.0.1:3000',
      'http://localhost:8000',
    ])
      assert.equal(rules.mayChange(origin, host), true, String(origin))
    for (const origin of [
      'null',
      '',
      'http://localhost:3001',
      'http://localhost',
      'https://evil.example',
      'http://localhost:8000.evil.example',
      'nonsense',
    ])
      assert.equal(rules.mayChange(origin, host), false, origin)
  })

  it('takes any loopback page in DEBUG, and no other', () => {
    const debug = createOriginRules(testConfig({ DEBUG: 'true' }))
    for (const origin of [
      'http://localhost:5173',
      'http://127.0.0.1',
      'https://localhost:4200',
      'http://[::1]:9',
    ]) {
      assert.equal(debug.mayRead(origin), true, origin)
      assert.equal(debug.mayChange(origin, 'localhost:8000'), true, origin)
      assert.equal(rules.mayRead(origin), false, origin)
    }
    for (const origin of ['null', 'http://evil.example', 'http://localhost.evil.example'])
      assert.equal(debug.mayRead(origin), false, origin)
  })
})

describe('a request from a browser elsewhere', () => {
  let api: TestApi
  before(async () => {
    api = await startApi({ env: { ALLOWED_HOSTS: 'triagem.example.org' } })
  })
  after(() => api.close())

  const formPost = (headers: Record<string, string>) =>
    send(api, '/classify-email', {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
      body: 'text=Bom+dia',
    })

  it('changes nothing: a form of another page, or of one that hides', async () => {
    for (const origin of ['https://evil.example', 'null', 'http://localhost:3001', '']) {
      const answer = await formPost({ Origin: origin })
      assertRefused(answer, 403, 'foreign_origin')
      assert.equal(answer.headers['access-control-allow-origin'], undefined)
    }
    const removal = { method: 'DELETE', headers: { Origin: 'https://evil.example' } }
    assertRefused(await send(api, '/job/42', removal), 403, 'foreign_origin')
    assert.deepEqual(await countRows(api.database), { runs: 0, keys: 0 })
  })

  it('passes without an Origin, from our own pages and from allowed ones', async () => {
    for (const headers of [
      {},
      { Origin: `http://127.0.0.1:${api.port}` },
      { Origin: 'http://localhost:3000' },
    ])
      assert.equal((await formPost(headers)).status, 200, JSON.stringify(headers))
    const behindProxy = { Host: 'triagem.example.org', Origin: 'https://triagem.example.org' }
    assert.equal((await formPost(behindProxy)).status, 200)
  })

  it('reads nothing by a foreign name: every path, every method', async () => {
    for (const host of ['evil.example', 'evil.example:8000', 'localhost.evil.example', '10.0.0.1'])
      for (const [method, path] of [
        ['GET', '/health'],
        ['GET', '/docs'],
        ['OPTIONS', '/classify-email'],
        ['POST', '/classify-email'],
      ] as const)
        assertRefused(
          await send(api, path, { method, headers: { Host: host } }),
          421,
          'misdirected',
        )
  })

  it('is refused with two names, whichever come first', async () => {
    for (const hosts of [
      ['localhost', 'localhost'],
      ['localhost', 'evil.example'],
      ['evil.example', 'localhost'],
    ])
      for (const name of ['Host', 'hOsT']) {
        const status = await sendRaw(api.port, [
          'GET /health HTTP/1.1',
          `Host: ${hosts[0] ?? ''}`,
          `${name}: ${hosts[1] ?? ''}`,
        ])
        assert.equal(status, 'HTTP/1.1 400 Bad Request', hosts.join())
      }
    assert.equal(
      await sendRaw(api.port, ['GET /health HTTP/1.1', 'Host: localhost', 'X-Host: a']),
      'HTTP/1.1 200 OK',
    )
  })

  it('is not fooled by X-Forwarded-Host', async () => {
    const headers = { Host: 'evil.example', 'X-Forwarded-Host': 'localhost' }
    assertRefused(await send(api, '/health', { headers }), 421, 'misdirected')
  })

  it('is answered with a sentence by a name that is ours', async () => {
    const answer = await postJson(
      api,
      '/classify-email',
      { text: '' },
      { Host: 'TRIAGEM.example.org' },
    )
    assertRefused(answer, 400, 'nothing_to_classify')
  })
})
