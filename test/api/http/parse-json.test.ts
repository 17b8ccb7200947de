import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import { ApiError } from '../../../api/http/errors.js'
import { parseJson } from '../../../api/http/parse-json.js'
import { createPerson, type Person } from '../support/people.js'
import { send } from '../support/send.js'
import { startApi, type TestApi } from '../support/start-api.js'

const isTooComplex = (error: unknown) =>
  error instanceof ApiError && error.code === 'json_too_complex'
const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`

describe('parseJson()', () => {
  const parse = (text: string, maxItems?: number) => parseJson(Buffer.from(text), maxItems)

  it('takes what is nested as deep as bodies are, and refuses what is deeper', () => {
    assert.doesNotThrow(() => parse(nested(32)))
    for (const text of [nested(33), '['.repeat(33), `${'{"a":'.repeat(33)}1${'}'.repeat(33)}`])
      assert.throws(() => parse(text), isTooComplex)
    assert.doesNotThrow(() => parse(`[${`${nested(31)},`.repeat(50)}1]`))
  })

  it('takes so many items, and refuses more', () => {
    const list = (items: number) => JSON.stringify(Array.from({ length: items }, () => 1))
    assert.doesNotThrow(() => parse(list(100_000)))
    assert.throws(() => parse(list(100_002)), isTooComplex)
    assert.throws(() => parse('[[],[],[]]', 5), isTooComplex)
    assert.doesNotThrow(() => parse('[[],[],[]]', 6))
    assert.throws(() => parse('{"a":1,"b":{},"c":2}', 3), isTooComplex)
  })

  it('counts nothing that stands in a text', () => {
    for (const text of [
      '['.repeat(1_000),
      ','.repeat(200_000),
      '\\"[,{'.repeat(50_000),
      '\\\\',
      '"',
    ])
      assert.deepEqual(parse(JSON.stringify({ text })), { text })
  })

  it('leaves what is no JSON to the parser', () => {
    for (const text of ['', '"', '"\\', '[', '}]', ']'.repeat(100), '{"a":1}}'])
      assert.throws(() => parse(text), SyntaxError, text)
  })
})

describe('JSON that would take long to parse', () => {
  let api: TestApi
  let ada: Person
  before(async () => {
    api = await startApi()
    ada = await createPerson(api, 'Ada', 'admin')
  })
  after(() => api.close())

  /** The longest time for which nothing else was done meanwhile. */
  async function measureStall(during: () => Promise<void>): Promise<number> {
    let [longest, last] = [0, performance.now()]
    const beat = setInterval(() => {
      longest = Math.max(longest, performance.now() - last)
      last = performance.now()
    }, 1)
    try {
      await during()
    } finally {
      clearInterval(beat)
    }
    return longest
  }

  const bodies = {
    'nested lists': '['.repeat(8 * 1024 * 1024 - 16),
    'many lists': `[${'[],'.repeat(2.6 * 1024 * 1024)}[]]`,
    'many fields': `{${'"":0,'.repeat(1.5 * 1024 * 1024)}"":0}`,
  }
  for (const [what, body] of Object.entries(bodies))
    for (const [how, headers, sent] of [
      ['as it is', {}, body],
      ['compressed', { 'Content-Encoding': 'gzip' }, gzipSync(body)],
      ['of unknown length', { 'Transfer-Encoding': 'chunked' }, body],
    ] as const)
      it(`is refused before that: ${what}, ${how}`, async () => {
        const stall = await measureStall(async () => {
          const { status, json } = await send(api, '/classify-email', {
            method: 'POST',
            headers: { 'Content-Type': 'application/json', ...headers },
            body: sent,
          })
          assert.deepEqual([status, json['code']], [422, 'json_too_complex'])
        })
        // It took 1,200 ms. Reading and looking take 50 on a quiet machine; CI's are not always that.
        assert.ok(stall < 500, `${Math.round(stall)} ms`)
      })

  it('is refused on every route that reads JSON', async () => {
    const description = (await send(api, '/openapi.json')).json as {
      paths: Record<string, Record<string, { requestBody?: { content: object } }>>
    }
    const routes = Object.entries(description.paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, { requestBody }]) => 'application/json' in (requestBody?.content ?? {}))
        .map(([method]) => ({ path, method: method.toUpperCase() })),
    )
    assert.ok(routes.length > 8)
    for (const { path, method } of routes) {
      const { status, json } = await send(api, path.replace(/\{\w+\}/, '1'), {
        method,
        headers: { ...ada.headers, 'Content-Type': 'application/json' },
        body: `{"a":${nested(100)}}`,
      })
      assert.deepEqual([status, json['code']], [422, 'json_too_complex'], `${method} ${path}`)
    }
  })
})
