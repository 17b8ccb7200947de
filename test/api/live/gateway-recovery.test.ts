import assert from 'node:assert/strict'
import type { RunProgress } from '../../../db/run-progress.js'
import { testDatabaseUrl } from '../../support/database.js'
import { putBehindGate } from '../../support/gated-database.js'
import {
  addJob,
  advance,
  breakListening,
  complete,
  describeGateway,
  runStartedAt,
  stubRunner,
} from '../../support/gateway.js'
import { openSocket } from '../../support/socket-client.js'
import { waitUntil } from '../../support/wait-until.js'

const quick = { tickMs: 10, silenceMs: 40, quietMs: 0 }
const never = { tickMs: 10, silenceMs: 3_600_000, quietMs: 0 }

describeGateway('The gateway, when parts are away', (on) => {
  it('sends the state once the database is back that was away when the socket opened', async () => {
    const gated = putBehindGate(on.database)
    gated.shut()
    const gateway = await on.open({ database: gated, timing: quick })
    const id = await addJob(on.database.db)
    const client = openSocket(gateway.url(id))
    await client.roundTrip()
    await waitUntil('a read has failed', () => gated.refusals() > 1)
    assert.deepEqual(client.frames(), [])
    gated.open()
    await client.receives('the state', (frame) => frame.status === 'pending')
    await complete(on.database.db, id)
    assert.equal(await client.ended, 1000)
  })

  it('says that a cancel could not be recorded while the database is away', async () => {
    const gated = putBehindGate(on.database)
    const gateway = await on.open({ database: gated, timing: never })
    const id = await addJob(on.database.db)
    const client = openSocket(gateway.url(id), { headers: { 'accept-language': 'en' } })
    await client.receives('the first', () => true)
    gated.shut()
    client.socket.send('{"type":"cancel"}')
    const { notice } = await client.receives('a notice', (frame) => frame.notice !== undefined)
    assert.equal(notice, 'The cancel could not be recorded: try again.')
    gated.open()
    client.socket.send('{"type":"cancel"}')
    assert.equal(await client.ended, 1000)
  })

  it('ends the sockets of a job whose workflow was closed from outside', async () => {
    const runner = stubRunner({ findState: () => Promise.resolve('closed') })
    const gateway = await on.open({ runner, timing: quick })
    const id = await addJob(on.database.db)
    await advance(on.database.db, id, 3)
    const client = openSocket(gateway.url(id))
    assert.equal(await client.ended, 1000)
    assert.deepEqual(
      client.frames().map(({ status, progress, seq }) => [status, progress, seq]),
      [
        ['classifying', 30, 3],
        ['failed', 30, 4],
      ],
    )
    assert.match(client.last()?.error ?? '', /encerrado por um operador/)
  })

  it('goes on by the rows alone while Temporal fails every call', async () => {
    const fails = () => Promise.reject(new Error('unavailable'))
    const runner = stubRunner({ findState: fails, queryProgress: fails, cancel: fails })
    const gateway = await on.open({ runner, timing: quick })
    const id = await addJob(on.database.db)
    const client = openSocket(gateway.url(id))
    await client.receives('the first', () => true)
    await advance(on.database.db, id, 2)
    await client.receives('a step', (frame) => frame.seq === 2)
    client.socket.send('{"type":"cancel"}')
    assert.equal(await client.ended, 1000)
    assert.equal(client.last()?.error, 'Cancelado a pedido.')
  })

  it('asks the workflow of a job once for many sockets, and tells them all what it says', async () => {
    const answers: ((answer: RunProgress) => void)[] = []
    const runner = stubRunner({
      queryProgress: () => new Promise((resolve) => answers.push(resolve)),
    })
    const gateway = await on.open({ runner })
    const id = await addJob(on.database.db)
    const clients = Array.from({ length: 40 }, () => openSocket(gateway.url(id)))
    await Promise.all(clients.map((client) => client.receives('the row', () => true)))
    await waitUntil('it is asked', () => answers.length > 0)
    assert.equal(answers.length, 1)
    answers[0]!({
      id,
      kind: 'classification',
      status: 'running',
      step: 'generating_response',
      progress: 70,
      done: null,
      total: null,
      epoch: runStartedAt,
      seq: 5,
    })
    await Promise.all(clients.map((one) => one.receives('the answer', ({ seq }) => seq === 5)))
    await complete(on.database.db, id)
    for (const client of clients) {
      assert.equal(await client.ended, 1000)
      assert.deepEqual(
        client.frames().map((frame) => frame.progress),
        [0, 70, 100],
      )
    }
  })

  const onServer = testDatabaseUrl === undefined ? it.skip : it
  onServer(
    'sends what it missed while its LISTEN connection was gone (TEST_DATABASE_URL)',
    async () => {
      const { db, pool } = on.database
      const gateway = await on.open({ timing: never })
      const [moves, ends] = [await addJob(db), await addJob(db)]
      const clients = [openSocket(gateway.url(moves)), openSocket(gateway.url(ends))]
      await Promise.all(clients.map((one) => one.receives('the first', () => true)))
      await breakListening(pool)
      await advance(db, moves, 6)
      await complete(db, ends)
      await clients[0]!.receives('the missed step', (frame) => frame.seq === 6)
      assert.equal(await clients[1]!.ended, 1000)
      assert.equal(clients[1]!.last()?.status, 'completed')
      await advance(db, moves, 7)
      await clients[0]!.receives('a step by the new connection', (frame) => frame.seq === 7)
    },
  )
})
