import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import Koa from 'koa'
import { type ApiServer, listen } from '../../../api/http/server.js'
import { send } from '../support/send.js'

const quick = { headersMs: 100, requestMs: 200, lookEveryMs: 50 }

describe('listen()', () => {
  let server: ApiServer
  const start = async (app = answering('ok'), timeouts = quick) =>
    (server = await listen({ app, host: '127.0.0.1', port: 0, tunnel: undefined, timeouts }))
  afterEach(() => server.close())

  const answering = (body: string) => new Koa().use((ctx) => void (ctx.body = body))
  const open = async (): Promise<Socket> => {
    const socket = connect(server.port, '127.0.0.1')
    await once(socket, 'connect')
    return socket
  }

  it('cuts a client whose headers drip in', async () => {
    await start()
    const socket = await open()
    const answer = text(socket)
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ')
    assert.match(await answer, /^HTTP\/1\.1 408 /)
  })

  it('cuts a client whose body drips in', async () => {
    const app = new Koa().use(async (ctx) => void (ctx.body = await text(ctx.req)))
    app.silent = true
    await start(app)
    const socket = await open()
    const answer = text(socket)
    socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nslow')
    assert.match(await answer, /^HTTP\/1\.1 408 /)
  })

  it('cuts nobody who only takes a while to be answered', async () => {
    const events = new EventEmitter()
    const asked = once(events, 'asked')
    const app = new Koa().use(async (ctx) => {
      events.emit('asked')
      await once(events, 'go')
      ctx.body = 'at last'
    })
    await start(app)
    const answer = send(server, '/')
    await asked
    const slow = await open()
    slow.write('GET / HTTP/1.1\r\n')
    // By the time that this one is cut the other would be.
    await text(slow)
    events.emit('go')
    assert.equal((await answer).text, 'at last')
  })

  it('says in one line that the port is in use', async () => {
    await start()
    const again = { app: answering('x'), host: '127.0.0.1', port: server.port, tunnel: undefined }
    await assert.rejects(listen(again), (error: Error) => {
      assert.match(
        error.message,
        new RegExp(`^Port ${server.port} on 127\\.0\\.0\\.1 is in use[^\\n]*PORT`),
      )
      return true
    })
  })

  it('answers what is under way before it closes, and takes nothing new', async () => {
    const events = new EventEmitter()
    const asked = once(events, 'asked')
    const app = new Koa().use(async (ctx) => {
      events.emit('asked')
      await once(events, 'go')
      ctx.body = 'ended well'
    })
    await start(app)
    const answer = send(server, '/')
    await asked
    const closed = server.close()
    await assert.rejects(send(server, '/'), { code: 'ECONNREFUSED' })
    events.emit('go')
    assert.equal((await answer).text, 'ended well')
    await closed
  })
})
