import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { WebSocket } from 'ws'
import { runProgressChannel } from '../../../db/run-progress.js'
import { addJob, advance, complete, describeGateway, runStartedAt } from '../../support/gateway.js'
import { openSocket } from '../../support/socket-client.js'
import { waitUntil } from '../../support/wait-until.js'

/** A handshake by hand; what follows is never read. */
async function connectWithoutReading(port: number, id: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write(
    [
      `GET /ws/job-status/${id} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
      '\r\n',
    ].join('\r\n'),
  )
  const [head] = (await once(socket, 'data')) as [Buffer]
  assert.match(head.toString('latin1'), /^HTTP\/1\.1 101 /)
  socket.pause()
  return socket
}

describeGateway('The gateway, among hostile clients', (on) => {
  let id: string
  beforeEach(async () => {
    id = await addJob(on.database.db)
  })
  for (const [title, message] of [
    ['garbage', 'não é {JSON'],
    ['JSON of another shape', '[{"type":"cancel"}]'],
    ['a word that it does not know', '{"type":"explode"}'],
    ['an empty message', ''],
    ['a prototype', '{"__proto__":{"type":"cancel"}}'],
    ['a binary message', Buffer.from('{"type":"cancel"}')],
  ] as const)
    it(`answers ${title} with a notice beside the state, and nothing ends`, async () => {
      const gateway = await on.open()
      const client = openSocket(gateway.url(id))
      const first = await client.receives('the first', () => true)
      client.socket.send(message)
      const notice = await client.receives('a notice', (frame) => frame.notice !== undefined)
      assert.deepEqual(notice, {
        ...first,
        notice: 'Mensagem não entendida: envie {"type":"cancel"} para cancelar.',
      })
      await complete(on.database.db, id)
      assert.equal(await client.ended, 1000)
    })

  it('closes on a message of 1 MB and stays well', async () => {
    const gateway = await on.open()
    const [large, other] = [openSocket(gateway.url(id)), openSocket(gateway.url(id))]
    await Promise.all([large, other].map((one) => one.receives('the first', () => true)))
    large.socket.send('x'.repeat(1024 * 1024))
    assert.ok([1006, 1009].includes(await large.ended))
    await complete(on.database.db, id)
    assert.equal(await other.ended, 1000)
  })

  it('closes with 1008 on a flood of messages', async () => {
    const gateway = await on.open()
    const [floods, other] = [openSocket(gateway.url(id)), openSocket(gateway.url(id))]
    await Promise.all([floods, other].map((one) => one.receives('the first', () => true)))
    for (let i = 0; i < 1_000; i++) floods.socket.send(`message ${i}`)
    assert.equal(await floods.ended, 1008)
    assert.equal(floods.frames().filter((frame) => frame.notice !== undefined).length, 20)
    await complete(on.database.db, id)
    assert.equal(await other.ended, 1000)
  })

  it('survives what is no WebSocket frame', async () => {
    const gateway = await on.open()
    const other = openSocket(gateway.url(id))
    await other.receives('the first', () => true)
    for (const bytes of [Buffer.alloc(4096, 0xff), Buffer.from('GET / HTTP/1.1\r\n\r\n')]) {
      const raw = await connectWithoutReading(gateway.port, id)
      raw.resume()
      raw.write(bytes)
      await once(raw, 'close')
    }
    await complete(on.database.db, id)
    assert.equal(await other.ended, 1000)
  })

  it('gives the others every frame while some never read', async () => {
    const { db, pool } = on.database
    const gateway = await on.open()
    const other = openSocket(gateway.url(id))
    await other.receives('the first', () => true)
    const stuck = await Promise.all(
      Array.from({ length: 10 }, () => connectWithoutReading(gateway.port, id)),
    )
    // 10 MB for each socket: more than the buffers of the system hold for one that doesn't read.
    const [bursts, perBurst] = [50, 800]
    for (let burst = 0; burst < bursts; burst++) {
      const from = 1 + burst * perBurst
      await pool.query(
        `select pg_notify($1, json_build_object('id', $2::text, 'kind', 'classification', 'status', 'running',
           'step', 'classifying', 'done', null, 'total', null, 'created_at', now(),
           'progress', 50, 'epoch', $3::bigint, 'seq', seq)::text) from generate_series($4::int, $5::int) seq`,
        [runProgressChannel, id, runStartedAt, from, from + perBurst - 1],
      )
      await waitUntil(`burst ${burst}`, () => other.last()?.seq === from + perBurst - 1)
    }
    await complete(db, id, bursts * perBurst)
    assert.equal(await other.ended, 1000)
    assert.equal(other.last()?.status, 'completed')
    assert.equal(other.frames().length, 1 + bursts * perBurst + 1)
    for (const socket of stuck) socket.destroy()
  }).timeout(60_000)

  it('is not harmed by clients that break off at every point', async () => {
    const { db } = on.database
    const gateway = await on.open()
    const stays = openSocket(gateway.url(id))
    await stays.receives('the first', () => true)
    const gone = Array.from({ length: 60 }, (_, i) => {
      const client = openSocket(gateway.url(id))
      const leave = () => client.socket.terminate()
      if (i % 3 === 0) setImmediate(leave)
      else if (i % 3 === 1) client.socket.once('open', leave)
      else client.socket.once('message', leave)
      return client.ended
    })
    for (let seq = 1; seq < 8; seq++) await advance(db, id, seq)
    await Promise.all(gone)
    await complete(db, id)
    assert.equal(await stays.ended, 1000)
    assert.equal(stays.frames().length, 9)
    assert.equal(stays.socket.readyState, WebSocket.CLOSED)
  })
})
