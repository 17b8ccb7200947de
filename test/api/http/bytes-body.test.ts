import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import Koa from 'koa'
import { pino } from 'pino'
import { createBytesReader, getReceivedBytes } from '../../../api/http/bytes-body.js'
import { createErrorHandler } from '../../../api/http/errors.js'
import { waitUntil } from '../../support/wait-until.js'
import { assertRefused } from '../support/assert-refused.js'
import { type Answer, send } from '../support/send.js'

const maxBytes = 100_000
const type = { 'Content-Type': 'application/octet-stream' }

describe('a body of bytes', () => {
  const received: Buffer[] = []
  let begun = 0
  const ended: number[] = []
  const app = new Koa()
  // Of connections that break, which is what is wanted here.
  app.silent = true
  app.use(async (ctx, next) => {
    begun++
    await next()
    ended.push(ctx.status)
  })
  app.use(createErrorHandler(pino({ level: 'silent' })))
  app.use(createBytesReader(maxBytes))
  app.use((ctx) => {
    received.push(getReceivedBytes(ctx))
    ctx.body = 'taken'
  })
  const handle = app.callback()
  const server = createServer((req, res) => void handle(req, res))
  let port: number
  before(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    ;({ port } = server.address() as AddressInfo)
  })
  after(() => server.close())
  beforeEach(() => {
    begun = received.length = 0
    ended.length = 0
  })

  const post = (body: Uint8Array | undefined, headers: Readonly<Record<string, string>> = type) =>
    send({ port }, '/', { method: 'POST', headers, ...(body === undefined ? {} : { body }) })

  /** Without a word beforehand of how much will come. */
  async function postInPieces(pieces: readonly Buffer[]): Promise<Pick<Answer, 'status'>> {
    const outgoing = request({ port, host: '127.0.0.1', method: 'POST', headers: type })
    for (const piece of pieces) outgoing.write(piece)
    outgoing.end()
    const [response] = (await once(outgoing, 'response')) as [
      { statusCode: number; resume(): void },
    ]
    response.resume()
    return { status: response.statusCode }
  }

  const head = (length: number) =>
    [
      'POST / HTTP/1.1',
      'Host: a',
      `Content-Type: ${type['Content-Type']}`,
      `Content-Length: ${length}`,
      '',
      '',
    ].join('\r\n')

  it('is taken as it is, whatever it holds', async () => {
    const bodies = [Buffer.of(), Buffer.of(0, 255, 13, 10), Buffer.alloc(maxBytes, 7)]
    for (const body of bodies) assert.equal((await post(body)).status, 200)
    assert.deepEqual(received, bodies)
    const typed = { 'Content-Type': 'Application/Octet-Stream; name="a.model"' }
    assert.equal((await post(Buffer.of(1), typed)).status, 200)
  })

  it('is taken in pieces up to the same limit', async () => {
    const pieces = Array.from({ length: 10 }, (_, at) => Buffer.alloc(maxBytes / 10, at))
    assert.equal((await postInPieces(pieces)).status, 200)
    assert.deepEqual(received, [Buffer.concat(pieces)])
    assert.equal((await postInPieces([...pieces, Buffer.of(1)])).status, 413)
    assert.equal(received.length, 1)
  })

  it('is refused above the limit before it is sent', async () => {
    assertRefused(await post(Buffer.alloc(maxBytes + 1)), 413, 'body_too_large')
    const socket = connect(port, '127.0.0.1')
    socket.write(head(maxBytes + 1))
    const [answer] = (await once(socket, 'data')) as [Buffer]
    assert.match(answer.toString(), /^HTTP\/1\.1 413 /)
    socket.destroy()
    assert.deepEqual(received, [])
  })

  it('is refused as anything else, and compressed', async () => {
    const others: readonly Readonly<Record<string, string>>[] = [
      {},
      { 'Content-Type': 'application/json' },
      { 'Content-Type': 'multipart/form-data; boundary=b' },
      { 'Content-Type': 'application/octet-streams' },
      { 'Content-Type': 'nonsense' },
      { ...type, 'Content-Encoding': 'gzip' },
    ]
    for (const headers of others)
      assertRefused(await post(gzipSync('{}'), headers), 415, 'bytes_expected')
    assertRefused(await post(undefined, {}), 415, 'bytes_expected')
    assert.deepEqual(received, [])
  })

  it('is forgotten where its client goes away', async () => {
    const socket = connect(port, '127.0.0.1')
    socket.write(head(maxBytes) + 'begun')
    await waitUntil('the server reads it', () => begun === 1)
    socket.destroy()
    await waitUntil('the request is over', () => ended.length > 0)
    assert.deepEqual([ended, received], [[400], []])
  })
})
