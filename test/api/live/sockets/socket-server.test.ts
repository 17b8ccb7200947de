import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket as NetSocket } from 'node:net'
import { WebSocket } from 'ws'
import { createSocketServer } from '../../../../api/live/gateway.js'
import {
  type Socket,
  type SocketHandlers,
  socketLimits,
  type SocketServer,
} from '../../../../api/live/sockets/socket-server.js'
import { describeOnEach } from '../../../support/gateway.js'
import { waitUntil } from '../../../support/wait-until.js'

interface Data {
  readonly path: string
}

interface Received {
  readonly socket: WebSocket
  readonly texts: string[]
  readonly ended: Promise<number>
}

function receive(port: number): Received {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/any`)
  const texts: string[] = []
  socket.on('message', (data: Buffer) => texts.push(data.toString()))
  socket.on('error', () => undefined)
  return {
    socket,
    texts,
    ended: new Promise((resolve) => socket.once('close', (code) => resolve(code))),
  }
}

async function connectByHand(port: number): Promise<NetSocket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  const key = randomBytes(16).toString('base64')
  socket.write(
    `GET /any HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  )
  await once(socket, 'data')
  return socket.pause()
}

const megabytes = (bytes: number) => Math.round(bytes / 1024 / 1024)

describeOnEach('A socket server', (implementation) => {
  let server: SocketServer
  let port: number
  let sockets: Socket<Data>[]
  let closed: number

  async function start(handlers: Partial<SocketHandlers<Data>> = {}): Promise<void> {
    sockets = []
    closed = 0
    server = createSocketServer<Data>(
      {
        onUpgrade: ({ path }) => ({ accept: true, data: { path } }),
        onOpen: (socket) => {
          socket.subscribe('all')
          sockets.push(socket)
        },
        onMessage: () => undefined,
        onClose: () => closed++,
        ...handlers,
      },
      implementation,
    ).server
    port = await server.listen('127.0.0.1', 0)
  }
  afterEach(async () => {
    await server.close()
  })

  it('bounds what it keeps for sockets that never read, while another gets all', async () => {
    await start()
    const reader = receive(port)
    const stuck = await Promise.all(Array.from({ length: 8 }, () => connectByHand(port)))
    await waitUntil('all are open', () => sockets.length === 9)
    const before = process.memoryUsage().rss
    // 256 MB for each, were they kept; ws would keep one string for all eight, uWebSockets.js eight copies.
    for (let sent = 1; sent <= 4_000; sent++) {
      const text = String(sent).padEnd(64 * 1024, 'x')
      const arrived = once(reader.socket, 'message')
      server.publish('all', text)
      await arrived
      assert.ok(reader.texts.pop() === text, `text ${sent}`)
    }
    const grown = megabytes(process.memoryUsage().rss - before)
    assert.ok(grown < 128, `grew by ${grown} MB`)
    for (const one of stuck) one.destroy()
    await waitUntil('they are closed', () => closed === 8)
  }).timeout(90_000)

  it('says which reader is too far behind by what send gives', async () => {
    await start()
    const stuck = await connectByHand(port)
    await waitUntil('it is open', () => sockets.length === 1)
    const text = 'x'.repeat(64 * 1024)
    let sent = 0
    while (sockets[0]!.send(text)) assert.ok(++sent < 1_000, 'never too far behind')
    assert.ok(sent * text.length > socketLimits.maxBehindBytes)
    stuck.destroy()
    await waitUntil('it is closed', () => closed === 1)
    assert.equal(sockets[0]!.send('after the end'), false)
    sockets[0]!.close(1000, 'after the end')
    sockets[0]!.subscribe('after the end')
    assert.equal(closed, 1)
  })

  it('keeps the last text and its close for a reader that is behind', async () => {
    await start()
    const text = 'x'.repeat(64 * 1024)
    const probe = await connectByHand(port)
    await waitUntil('it is open', () => sockets.length === 1)
    let room = 0
    while (sockets[0]!.send(text)) room++
    probe.destroy()

    const slow = receive(port)
    await once(slow.socket, 'open')
    slow.socket.pause()
    await waitUntil('it is open', () => sockets.length === 2)
    // As much as goes, less a little: more than the system holds, within the limit.
    for (let i = 0; i < room - 2; i++) assert.ok(sockets[1]!.send(text))
    assert.ok(sockets[1]!.send('the last'))
    sockets[1]!.close(1000, '')
    slow.socket.resume()
    assert.equal(await slow.ended, 1000)
    assert.equal(slow.texts.length, room - 1)
    assert.equal(slow.texts.at(-1), 'the last')
  })

  it('delivers what was published just before the last text, in order', async () => {
    await start()
    const clients = Array.from({ length: 20 }, () => receive(port))
    await waitUntil('all are open', () => sockets.length === 20)
    for (let i = 0; i < 50; i++) server.publish('all', String(i))
    for (const socket of sockets) {
      socket.send('the last')
      socket.close(1000, '')
    }
    for (const client of clients) {
      assert.equal(await client.ended, 1000)
      assert.deepEqual(client.texts, [...Array.from({ length: 50 }, (_, i) => `${i}`), 'the last'])
    }
  })

  it('gives the last text and 1000 to each of 2,000 sockets', async () => {
    await start()
    const clients = Array.from({ length: 2_000 }, () => receive(port))
    await waitUntil('all are open', () => sockets.length === 2_000, 60_000)
    // What a client sends while it is being closed must not cost it the last text.
    for (const { socket } of clients) if (socket.readyState === WebSocket.OPEN) socket.send('late')
    const last = `the last ${'x'.repeat(2_000)}`
    server.publish('all', 'a step')
    for (const socket of sockets) {
      assert.ok(socket.send(last))
      socket.close(1000, '')
    }
    const codes = await Promise.all(clients.map((client) => client.ended))
    assert.deepEqual(new Set(codes), new Set([1000]))
    for (const { texts } of clients) assert.deepEqual(texts, ['a step', last])
    await waitUntil('all are closed here too', () => closed === 2_000)
  }).timeout(90_000)

  it('bounds what it keeps for a peer that pings for ever and reads nothing', async () => {
    await start()
    const peer = await connectByHand(port)
    await waitUntil('it is open', () => sockets.length === 1)
    // A masked ping of 125 bytes, its mask all zeros.
    const ping = Buffer.concat([Buffer.of(0x89, 0x80 | 125, 0, 0, 0, 0), Buffer.alloc(125)])
    const block = Buffer.concat(Array.from({ length: 500 }, () => ping))
    const before = process.memoryUsage().rss
    // uWebSockets.js leaves out answers, ws cuts the peer off.
    for (let i = 0; i < 1_600 && peer.writable; i++)
      await new Promise((resolve) => peer.write(block, resolve))
    const grown = megabytes(process.memoryUsage().rss - before)
    assert.ok(grown < 60, `grew by ${grown} MB`)
    peer.destroy()
    await waitUntil('it is closed', () => closed === 1)
  }).timeout(90_000)

  it('hands over the parts of a handshake, several lines of one header joined', async () => {
    const seen: (string | undefined)[] = []
    await start({
      onUpgrade: (request) => {
        seen.push(request.path, request.query, request.peerAddress)
        seen.push(request.header('x-forwarded-for'), request.header('origin'))
        return { accept: false, status: '403 Forbidden' }
      },
    })
    const socket = new WebSocket(`ws://127.0.0.1:${port}/a/b?c=d&e=%20`, {
      headers: { 'X-Forwarded-For': ['1.1.1.1, 2.2.2.2', '3.3.3.3'] as unknown as string },
    })
    socket.on('error', () => undefined)
    await new Promise((resolve) => socket.once('close', resolve))
    assert.deepEqual(seen, [
      '/a/b',
      'c=d&e=%20',
      '127.0.0.1',
      '1.1.1.1, 2.2.2.2, 3.3.3.3',
      undefined,
    ])
  })

  it('lets go of a peer that was refused and never closes its side', async () => {
    await start({ onUpgrade: () => ({ accept: false, status: '404 Not Found' }) })
    const peer = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    peer.on('error', () => undefined)
    peer.write(
      `GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
    )
    const [head] = (await once(peer, 'data')) as [Buffer]
    assert.match(head.toString(), /^HTTP\/1\.1 404 /)
    await once(peer.resume(), 'end')
    // The server has closed both directions: what is written now is answered by a reset.
    await waitUntil('it is gone', () => {
      peer.write('still here')
      return peer.destroyed
    })
  })
})
