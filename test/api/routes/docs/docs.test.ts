import assert from 'node:assert/strict'
import { assertRefused } from '../../support/assert-refused.js'
import { send } from '../../support/send.js'
import { startApi, type TestApi } from '../../support/start-api.js'

describe('the front door and the documentation', () => {
  let api: TestApi
  before(async () => {
    api = await startApi()
  })
  after(() => api.close())

  it('says at / what this server is', async () => {
    for (const headers of [
      {},
      { Accept: '*/*' },
      { Accept: 'application/json' },
      { Accept: 'image/png' },
    ]) {
      const { status, json } = await send(api, '/', { headers })
      assert.equal(status, 200)
      const { endpoints, ...rest } = json
      assert.deepEqual(rest, {
        message: 'Triagem',
        version: '1.2.3',
        status: 'running',
        docs: '/docs',
      })
      const names = Object.keys(endpoints as object)
      for (const name of [
        'POST /classify-email',
        'GET /job-status/:job_id',
        'DELETE /job/:job_id',
        'GET /health',
      ])
        assert.ok(names.includes(name), name)
    }
  })

  it('shows a browser the documentation', async () => {
    const accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
    const { status, headers, text } = await send(api, '/', { headers: { Accept: accept } })
    assert.equal(status, 200)
    assert.match(String(headers['content-type']), /^text\/html/)
    assert.match(String(headers['vary']), /\bAccept\b/)
    assert.match(text, /<div id="docs">/)
  })

  for (const path of ['/docs', '/openapi/swagger', '/openapi/redoc'])
    it(`shows it at ${path}, from this server alone`, async () => {
      const { status, headers, text } = await send(api, path)
      assert.equal(status, 200)
      assert.match(String(headers['content-type']), /^text\/html/)
      const sources = [...text.matchAll(/(?:src|href)="([^"]*)"/g)].map(
        ([, source]) => source ?? '',
      )
      assert.ok(sources.length >= 4)
      for (const source of sources) {
        const asset = await send(api, source)
        assert.equal(asset.status, 200, source)
        assert.ok(asset.text.length > 20, source)
      }
    })

  it('gives each asset its media type', async () => {
    const types = {
      '/docs/swagger-ui.css': /^text\/css/,
      '/docs/swagger-ui-bundle.js': /^text\/javascript/,
      '/docs/start.js': /^text\/javascript/,
      '/docs/favicon-32x32.png': /^image\/png/,
    }
    for (const [path, type] of Object.entries(types))
      assert.match(String((await send(api, path)).headers['content-type']), type)
  })

  it('knows no other file, whatever its name', async () => {
    const names = [
      'package.json',
      'constructor',
      '__proto__',
      'toString',
      '..%2fpackage.json',
      '%2e%2e%2f%2e%2e%2fpackage.json',
    ]
    for (const name of names) assertRefused(await send(api, `/docs/${name}`), 404, 'not_found')
  })
})
