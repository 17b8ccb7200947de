import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server as HttpServer } from 'node:http'
import { type AddressInfo, connect, createServer as createNetServer } from 'node:net'
import Koa from 'koa'
import { WebSocket } from 'ws'
import { signClientAddress, tunnelHeaders } from '../../../api/live/tunnel.js'
import { type ApiServer, listen } from '../../../api/http/server.js'
import { createSocketServer } from '../../../api/live/gateway.js'
import type { SocketServer, UpgradeRequest } from '../../../api/live/sockets/socket-server.js'
import { freePort } from '../../support/free-port.js'
import { addJob, advance, complete, describeGateway, sign } from '../../support/gateway.js'
import { handshakeStatus, openSocket } from '../../support/socket-client.js'
import { waitUntil } from '../../support/wait-until.js'
import { sendRaw } from '../support/send-raw.js'

describeGateway('The tunnel to the gateway', (on) => {
  let api: ApiServer
  let echo: SocketServer
  let requests: UpgradeRequest[]
  let closed: number

  async function startEcho(): Promise<number> {
    requests = []
    closed = 0
    echo = createSocketServer<undefined>(
      {
        onUpgrade: (request) => {
          requests.push(request)
          return request.path === '/ws/echo'
            ? { accept: true, data: undefined }
            : { accept: false, status: '404 Not Found' }
        },
        onOpen: () => undefined,
        onMessage: (socket, text) => socket.send(text ?? 'binary'),
        onClose: () => closed++,
      },
      on.implementation,
    ).server
    return await echo.listen('127.0.0.1', 0)
  }

  async function startApi(gatewayPort: number, trustedProxies = 0): Promise<string> {
    const app = new Koa()
    app.use((ctx) => {
      ctx.body = 'over HTTP'
    })
    const tunnel = { gatewayPort, sign, trustedProxies }
    api = await listen({ app, host: '127.0.0.1', port: 0, tunnel })
    return `ws://127.0.0.1:${api.port}`
  }

  afterEach(async () => {
    await api.close()
    await echo.close()
  })

  it('carries texts both ways, in order, up to the largest', async () => {
    const url = await startApi(await startEcho())
    const socket = new WebSocket(`${url}/ws/echo`)
    const texts: string[] = []
    socket.on('message', (data: Buffer) => texts.push(data.toString()))
    await once(socket, 'open')
    const sent = [...Array.from({ length: 500 }, (_, i) => `n.º ${i} ✓`), 'é'.repeat(8_000)]
    for (const text of sent) socket.send(text)
    await waitUntil('all came back', () => texts.length === sent.length)
    assert.deepEqual(texts, sent)
    socket.close(1000)
    await waitUntil('the gateway knows that it closed', () => closed === 1)
  })

  it('leaves HTTP as it is', async () => {
    const url = await startApi(await startEcho())
    const response = await fetch(`${url.replace('ws', 'http')}/ws/echo`)
    assert.equal(await response.text(), 'over HTTP')
  })

  it('refuses a handshake with two names', async () => {
    const gatewayPort = await startEcho()
    await startApi(gatewayPort)
    const status = await sendRaw(api.port, [
      'GET /ws/echo HTTP/1.1',
      'Host: localhost',
      'Host: evil.example',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ])
    assert.equal(status, 'HTTP/1.1 400 Bad Request')
    assert.deepEqual(requests, [])
  })

  it('signs the address of the client and lets nobody else say one', async () => {
    const url = await startApi(await startEcho())
    const headers = {
      [tunnelHeaders.client]: '203.0.113.1',
      [tunnelHeaders.signature]: 'made up',
      'X-Forwarded-For': '203.0.113.2',
      Forwarded: 'for=203.0.113.3',
      'Accept-Language': 'en',
    }
    assert.equal(await handshakeStatus(`${url}/ws/echo?a=b`, { headers }), 101)
    const [request] = requests
    assert.equal(request?.query, 'a=b')
    assert.equal(request.header(tunnelHeaders.client), '127.0.0.1')
    const key = request.header('sec-websocket-key') ?? ''
    assert.notEqual(key, '')
    assert.equal(request.header(tunnelHeaders.signature), signClientAddress(sign, '127.0.0.1', key))
    assert.equal(request.header('x-forwarded-for'), undefined)
    assert.equal(request.header('accept-language'), 'en')
    assert.match(request.header('host') ?? '', /^127\.0\.0\.1:/)
  })

  it('signs the address that a trusted proxy saw', async () => {
    const url = await startApi(await startEcho(), 1)
    const headers = { 'X-Forwarded-For': 'made up, 203.0.113.2' }
    assert.equal(await handshakeStatus(`${url}/ws/echo`, { headers }), 101)
    assert.equal(requests[0]?.header(tunnelHeaders.client), '203.0.113.2')
  })

  it('passes the refusal of the gateway on, and refuses by itself what is none of its own', async () => {
    const url = await startApi(await startEcho())
    assert.equal(await handshakeStatus(`${url}/ws/other`), 404)
    assert.equal(requests.length, 1)
    assert.equal(await handshakeStatus(`${url}/elsewhere`), 404)
    assert.equal(requests.length, 1)
  })

  it('answers 503 while the gateway is down, and works once it is up', async () => {
    const port = await startEcho()
    const url = await startApi(await freePort())
    assert.equal(await handshakeStatus(`${url}/ws/echo`), 503)
    await api.close()
    assert.equal(await handshakeStatus(`${await startApi(port)}/ws/echo`), 101)
  })

  it('lets go of the gateway when a client vanishes', async () => {
    const url = await startApi(await startEcho())
    const socket = new WebSocket(`${url}/ws/echo`)
    await once(socket, 'open')
    socket.terminate()
    await waitUntil('the gateway knows', () => closed === 1)
  })

  it('closes the client when the gateway closes, with its code', async () => {
    const url = await startApi(await startEcho())
    const socket = new WebSocket(`${url}/ws/echo`)
    await once(socket, 'open')
    const ended = once(socket, 'close')
    await echo.close()
    assert.equal((await ended)[0], 1001)
  })

  it('ends what goes through it when the API closes', async () => {
    const url = await startApi(await startEcho())
    const sockets = Array.from({ length: 20 }, () => new WebSocket(`${url}/ws/echo`))
    const ended = sockets.map((socket) => once(socket, 'close'))
    await Promise.all(sockets.map((socket) => once(socket, 'open')))
    await api.close()
    await Promise.all(ended)
    await waitUntil('the gateway knows', () => closed === 20)
  })

  it('lets go of a client that never closes its side after the gateway did', async () => {
    const { port } = new URL(await startApi(await startEcho()))
    const client = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true })
    client.on('error', () => undefined)
    client.write(
      'GET /ws/echo HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    )
    await once(client, 'data')
    await echo.close()
    await once(client.resume(), 'end')
    await waitUntil('it is gone', () => {
      client.write('still here')
      return client.destroyed
    })
  })

  it('follows a job through it to the last frame', async () => {
    await startEcho()
    const gateway = await on.open()
    const url = await startApi(gateway.port)
    const id = await addJob(on.database.db)
    const clients = Array.from({ length: 100 }, () => openSocket(`${url}/ws/job-status/${id}`))
    await Promise.all(clients.map((one) => one.receives('the first', () => true)))
    for (let seq = 1; seq <= 8; seq++) await advance(on.database.db, id, seq)
    await complete(on.database.db, id)
    for (const client of clients) {
      assert.equal(await client.ended, 1000)
      assert.equal(client.frames().length, 10)
      assert.equal(client.last()?.status, 'completed')
    }
  })

  it('answers 503 where something else than a gateway hangs up', async () => {
    await startEcho()
    const other = createNetServer((socket) => socket.resetAndDestroy()).listen(0, '127.0.0.1')
    await once(other, 'listening')
    const url = await startApi((other.address() as AddressInfo).port)
    assert.equal(await handshakeStatus(`${url}/ws/echo`), 503)
    other.close()
  })
})

describe('The API server', () => {
  it('closes within a moment where nothing goes on, tunnel or none', async () => {
    const app = new Koa()
    const api = await listen({ app, host: '127.0.0.1', port: 0, tunnel: undefined })
    await fetch(`http://127.0.0.1:${api.port}/`)
    const startedAt = performance.now()
    await api.close()
    assert.ok(performance.now() - startedAt < 1_000)
  })

  it('names the port and the setting where the port is in use', async () => {
    const other: HttpServer = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    await assert.rejects(
      listen({ app: new Koa(), host: '127.0.0.1', port, tunnel: undefined }),
      new RegExp(`Port ${port} .*PORT`),
    )
    other.close()
  })
})
