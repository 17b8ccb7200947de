import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import { makePdf } from '../../../services/extraction/make-pdf.js'
import { assertNoInnards, assertRefused } from '../../support/assert-refused.js'
import { countRows } from '../../support/count-rows.js'
import { type Answer, multipart, type Part, postJson, send } from '../../support/send.js'
import { startApi, type TestApi } from '../../support/start-api.js'

const fiveMegabytesAndOne = 5 * 1024 * 1024 + 1
const textFile = (body: string | Uint8Array): Part => ({
  name: 'file',
  filename: 'mail.txt',
  type: 'text/plain',
  body,
})

describe('POST /classify-email refuses', () => {
  let api: TestApi
  before(async () => {
    api = await startApi()
  })
  after(() => api.close())

  afterEach('leaves nothing and stays healthy', async () => {
    assert.deepEqual(await countRows(api.database), { runs: 0, keys: 0 })
    assert.deepEqual(api.runner.started, [])
    assert.equal((await send(api, '/health')).status, 200)
  })

  const post = (body: string | Uint8Array, type: string, headers: Record<string, string> = {}) =>
    send(api, '/classify-email', {
      method: 'POST',
      headers: { 'Content-Type': type, ...headers },
      body,
    })
  const upload = (...parts: Part[]) => send(api, '/classify-email', multipart(...parts))
  const refused = (answer: Answer, ...expected: [number, Parameters<typeof assertRefused>[2]]) => {
    assertRefused(answer, ...expected)
    assertNoInnards(answer)
  }

  it('what holds nothing to classify', async () => {
    for (const body of [{}, { text: '' }, { text: ' \n\t ' }, { text: null }, { other: 'x' }])
      refused(await postJson(api, '/classify-email', body), 400, 'nothing_to_classify')
    refused(await upload(), 400, 'nothing_to_classify')
    refused(await upload({ name: 'text', body: '' }), 400, 'nothing_to_classify')
    refused(await upload(textFile(' \r\n ')), 400, 'nothing_to_classify')
    refused(await upload(textFile('\uFEFF')), 400, 'nothing_to_classify')
    refused(await post('', 'application/x-www-form-urlencoded'), 400, 'nothing_to_classify')
    refused(await post('other=1', 'application/x-www-form-urlencoded'), 400, 'nothing_to_classify')
    refused(await send(api, '/classify-email', { method: 'POST' }), 400, 'nothing_to_classify')
  })

  it('a file of 0 bytes, and says so', async () => {
    refused(await upload(textFile('')), 400, 'empty_file')
    const pdf = { name: 'file', filename: 'a.pdf', type: 'application/pdf', body: '' }
    refused(await upload(pdf), 400, 'empty_file')
  })

  it('5 MB and one byte, however they come', async () => {
    const text = 'a'.repeat(fiveMegabytesAndOne)
    refused(await postJson(api, '/classify-email', { text }), 413, 'too_large')
    refused(await upload({ name: 'text', body: text }), 413, 'too_large')
    refused(await upload({ name: 'text', type: 'text/plain', body: text }), 413, 'too_large')
    refused(await upload(textFile(text)), 413, 'too_large')
    refused(
      await upload({
        name: 'file',
        filename: 'a.pdf',
        type: 'application/pdf',
        body: `%PDF-${text}`,
      }),
      413,
      'too_large',
    )
    refused(await post(`text=${text}`, 'application/x-www-form-urlencoded'), 413, 'too_large')
  })

  it('5 MB counted in bytes, not in characters', async () => {
    const text = 'ã'.repeat(fiveMegabytesAndOne / 2 + 1)
    refused(await postJson(api, '/classify-email', { text }), 413, 'too_large')
  })

  it('bodies far above the limit', async () => {
    const text = 'a'.repeat(9 * 1024 * 1024)
    refused(await post(JSON.stringify({ text }), 'application/json'), 413, 'too_large')
    refused(await post(`text=${text}`, 'application/x-www-form-urlencoded'), 413, 'too_large')
    refused(await upload({ name: 'other', body: text }), 413, 'too_large')
  })

  it('NUL characters and lone surrogates in a text', async () => {
    for (const body of ['{"text":"a\\u0000b"}', '{"text":"\\ud800 oi"}', '{"text":"oi \\udfff"}'])
      refused(await post(body, 'application/json'), 422, 'invalid_body')
    refused(await upload({ name: 'text', body: 'a\0b' }), 422, 'invalid_body')
    refused(await post('text=a%00b', 'application/x-www-form-urlencoded'), 422, 'invalid_body')
  })

  it('a text that is no text, naming the field', async () => {
    for (const text of [5, true, ['a'], { a: 'b' }]) {
      const answer = await postJson(api, '/classify-email', { text })
      refused(answer, 422, 'invalid_body')
      assert.deepEqual((answer.json['detail'] as { loc: unknown }[])[0]?.loc, ['body', 'text'])
    }
    refused(await post('text[a]=b', 'application/x-www-form-urlencoded'), 422, 'invalid_body')
    refused(await post('text=a&text=b', 'application/x-www-form-urlencoded'), 422, 'invalid_body')
  })

  it('JSON that is none', async () => {
    for (const body of [
      '{',
      '{"text":"a"',
      'text',
      "{'text':'a'}",
      '{"text":"a"}x',
      '\0',
      '{"__proto__":{"text":"a"}}',
    ])
      refused(await post(body, 'application/json'), 422, 'invalid_json')
  })

  it('JSON that is no object', async () => {
    for (const body of ['"a text"', '5', 'true', 'null', '[]', '[{"text":"a"}]'])
      refused(await post(body, 'application/json'), 422, 'invalid_body')
  })

  it('deep JSON, without falling over it', async () => {
    const deep = `{"text":${'['.repeat(200_000)}${']'.repeat(200_000)}}`
    assert.equal((await post(deep, 'application/json')).status, 422)
  })

  it('other media types', async () => {
    for (const type of [
      'text/plain',
      'application/xml',
      'application/pdf',
      'application/octet-stream',
      'nonsense',
    ])
      refused(await post('Bom dia', type), 415, 'unsupported_media_type')
    refused(
      await upload({ name: 'file', filename: 'a.png', type: 'image/png', body: 'x' }),
      415,
      'unsupported_media_type',
    )
    refused(
      await upload({
        name: 'file',
        filename: 'a.exe',
        type: 'application/x-msdownload',
        body: 'MZ',
      }),
      415,
      'unsupported_media_type',
    )
  })

  it('compressed bodies that are broken, unknown or far too large when unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, ' '))
    const gzip = { 'Content-Encoding': 'gzip' }
    refused(await post(bomb, 'application/json', gzip), 413, 'too_large')
    refused(await post('not gzip', 'application/json', gzip), 400, 'bad_request')
    const unknown = await post('{}', 'application/json', { 'Content-Encoding': 'rot13' })
    refused(unknown, 415, 'unsupported_media_type')
  })

  it('a PDF that is none', async () => {
    const program = Buffer.concat([Buffer.from('MZ\x90\0\x03\0\0\0'), Buffer.alloc(2000, 7)])
    for (const type of ['application/pdf', 'application/octet-stream'])
      refused(
        await upload({ name: 'file', filename: 'mail.pdf', type, body: program }),
        400,
        'pdf_not_pdf',
      )
    refused(
      await upload({
        name: 'file',
        filename: 'mail.pdf',
        type: 'application/pdf',
        body: 'Bom dia',
      }),
      400,
      'pdf_not_pdf',
    )
  })

  it('a program, an archive or noise that calls itself text', async () => {
    const noise = Buffer.from(Array.from({ length: 3000 }, (_, index) => (index * 97) % 256))
    for (const body of [
      Buffer.from('MZ\x90\0\x03\0\0\0\x04\0'),
      Buffer.from('PK\x03\x04\x14\0\0\0'),
      noise,
    ])
      refused(await upload(textFile(body)), 400, 'not_text')
  })

  it('two files, a file beside a text, and two texts', async () => {
    refused(await upload(textFile('a'), textFile('b')), 422, 'invalid_body')
    refused(await upload(textFile('a'), { ...textFile('b'), name: 'other' }), 422, 'invalid_body')
    refused(await upload({ name: 'text', body: 'a' }, textFile('b')), 422, 'invalid_body')
    refused(
      await upload({ name: 'text', body: 'a' }, { name: 'text', body: 'b' }),
      422,
      'invalid_body',
    )
    const typed: Part = { name: 'text', type: 'text/plain', body: 'a' }
    refused(await upload(typed, typed), 422, 'invalid_body')
    refused(await upload(typed, { name: 'text', body: 'b' }), 422, 'invalid_body')
    const pdf = await makePdf(['a'])
    refused(
      await upload(textFile('a'), { ...textFile(pdf), type: 'application/pdf' }),
      422,
      'invalid_body',
    )
  })

  it('more parts than a mail has', async () => {
    const fields = Array.from({ length: 60 }, (_, index) => ({ name: `f${index}`, body: 'x' }))
    refused(await upload(...fields), 413, 'too_large')
    refused(await upload(...fields.slice(0, 11).map(() => textFile('x'))), 413, 'too_large')
  })
})
