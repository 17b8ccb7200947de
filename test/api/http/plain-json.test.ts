import assert from 'node:assert/strict'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { readPlainJson } from '../../../api/http/plain-json.js'
import { ApiError } from '../../../api/http/errors.js'

describe('readPlainJson', () => {
  function receive(
    chunks: readonly (string | Buffer)[],
    headers: Readonly<Record<string, string>> = {},
  ): IncomingMessage {
    const request = new IncomingMessage(new Socket())
    const bytes = Buffer.concat(chunks.map((chunk) => Buffer.from(chunk)))
    request.headers = {
      'content-type': 'application/json',
      'content-length': String(bytes.length),
      ...headers,
    }
    for (const chunk of chunks) request.push(Buffer.from(chunk))
    return request
  }
  const read = (request: IncomingMessage, maxBytes = 100) => {
    request.push(null)
    return readPlainJson({ req: request }, maxBytes)
  }

  it('reads JSON in UTF-8, in however many pieces and with a mark before it', async () => {
    const text = '{"a":"maçã ✓"}'
    const bytes = Buffer.from(text)
    for (const chunks of [[text], [bytes.subarray(0, 8), bytes.subarray(8)], ['\ufeff', text]])
      assert.deepEqual(await read(receive(chunks)), { json: { a: 'maçã ✓' } })
    for (const type of ['Application/JSON', 'application/json; charset=utf-8'])
      assert.deepEqual(await read(receive(['1'], { 'content-type': type })), { json: 1 })
  })

  it('leaves everything else to the general parser, unread', async () => {
    for (const headers of [
      { 'content-type': 'application/json; charset=latin1' },
      { 'content-type': 'application/vnd.api+json' },
      { 'content-type': 'text/plain' },
      { 'content-encoding': 'gzip' },
      { 'content-length': '0' },
      { 'content-length': '101' },
    ]) {
      const request = receive(['{}'], headers)
      assert.equal(await read(request), undefined)
      assert.equal(String(request.read()), '{}')
    }
  })

  it('says what is no JSON', async () => {
    for (const text of ['{', '{"a":1}}', ' '])
      await assert.rejects(read(receive([text])), SyntaxError)
  })

  it('refuses a key that would be a prototype, however written, and no other text', async () => {
    for (const text of ['{"a":{"__proto__":1}}', '{"\\u005f_proto__":1}'])
      await assert.rejects(read(receive([text])), SyntaxError)
    const text = '{"a":"__proto__","b":"\\u00e7"}'
    assert.deepEqual(await read(receive([text])), { json: { a: '__proto__', b: 'ç' } })
    const field = '{"constructor":{"prototype":1}}'
    assert.deepEqual(await read(receive([field])), { json: JSON.parse(field) as unknown })
  })

  it('ends when the client goes away half-way', async () => {
    const request = receive(['{"a":'])
    const reading = readPlainJson({ req: request }, 100)
    request.destroy()
    await assert.rejects(
      reading,
      (error) => error instanceof ApiError && error.code === 'upload_interrupted',
    )
  })
})
