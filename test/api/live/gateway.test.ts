import assert from 'node:assert/strict'
import { once } from 'node:events'
import { asSealed } from '../../../db/sealed.js'
import { recordEnd, removeRun } from '../../../db/run-progress.js'
import {
  addJob,
  advance,
  complete,
  describeGateway,
  exampleResult,
  stubRunner,
} from '../../support/gateway.js'
import { type Frame, openSocket } from '../../support/socket-client.js'
import { waitUntil } from '../../support/wait-until.js'

function assertInOrder(frames: readonly Frame[]): void {
  for (const [i, next] of frames.slice(1).entries()) {
    const before = frames[i]!
    assert.ok(next.progress >= before.progress, 'progress fell')
    assert.ok(
      next.epoch > before.epoch || (next.epoch === before.epoch && next.seq > before.seq),
      `${next.epoch}/${next.seq} after ${before.epoch}/${before.seq}`,
    )
  }
}

describeGateway('The gateway, following a job', (on) => {
  it('sends the present state at once', async () => {
    const { db } = on.database
    const gateway = await on.open()
    assert.equal(gateway.implementation, on.implementation)
    const id = await addJob(db)
    await advance(db, id, 3)
    const first = await openSocket(gateway.url(id)).receives('the first', () => true)
    assert.deepEqual(first, {
      job_id: id,
      status: 'classifying',
      progress: 30,
      current_step: 'Classificando',
      message: 'O e-mail está sendo classificado.',
      result: null,
      error: null,
      seq: 3,
      epoch: first.epoch,
    })
  })

  it('sends each change in order, then the result, and closes with 1000', async () => {
    const { db } = on.database
    const gateway = await on.open()
    const id = await addJob(db)
    const client = openSocket(gateway.url(id))
    await client.receives('the first', (frame) => frame.status === 'pending')
    for (let seq = 1; seq <= 8; seq++) await advance(db, id, seq)
    await complete(db, id)
    assert.equal(await client.ended, 1000)
    const frames = client.frames()
    assert.deepEqual(
      frames.map(({ seq, progress }) => [seq, progress]),
      [...Array.from({ length: 9 }, (_, seq) => [seq, seq * 10]), [9, 100]],
    )
    assertInOrder(frames)
    assert.deepEqual(client.last()?.result, exampleResult)
    assert.equal(client.last()?.status, 'completed')
    assert.equal(client.last()?.error, null)
  })

  it('never lets progress fall, even where a reset begins the work again', async () => {
    const { db } = on.database
    const gateway = await on.open()
    const id = await addJob(db)
    const client = openSocket(gateway.url(id))
    await advance(db, id, 7)
    await client.receives('70 %', (frame) => frame.progress === 70)
    const again = {
      ...{ id, kind: 'classification', status: 'running', step: 'starting', progress: 5, seq: 1 },
      ...{ done: null, total: null, created_at: new Date() },
    }
    // As a NOTIFY from a row whose own progress was not kept.
    await on.database.pool.query('select pg_notify($1, $2)', [
      'triagem_run_progress',
      JSON.stringify({ ...again, epoch: Date.UTC(2026, 1, 1) }),
    ])
    await client.receives('the new run', (frame) => frame.status === 'processing')
    await recordEnd(db, id, { status: 'failed', error: 'internal' })
    assert.equal(await client.ended, 1000)
    assertInOrder(client.frames())
    assert.equal(client.last()?.progress, 70)
  })

  it('says nothing twice and nothing that is old', async () => {
    const { db } = on.database
    const gateway = await on.open()
    const id = await addJob(db)
    const client = openSocket(gateway.url(id))
    await client.receives('the first', () => true)
    await advance(db, id, 5)
    for (const seq of [3, 5])
      await on.database.pool.query('select pg_notify($1, $2)', [
        'triagem_run_progress',
        JSON.stringify({
          id,
          status: 'classifying',
          step: 'classifying',
          progress: 90,
          epoch: Date.UTC(2026, 0, 15),
          seq,
        }),
      ])
    await complete(db, id)
    assert.equal(await client.ended, 1000)
    assert.deepEqual(
      client.frames().map((frame) => frame.seq),
      [0, 5, 9],
    )
  })

  for (const end of ['completed', 'failed'] as const)
    it(`gives a late subscriber of a ${end} job the last frame alone, then 1000`, async () => {
      const { db } = on.database
      const gateway = await on.open()
      const id = await addJob(db)
      if (end === 'completed') await complete(db, id)
      else await recordEnd(db, id, { status: 'failed', error: 'pdf_encrypted' })
      const client = openSocket(gateway.url(id))
      assert.equal(await client.ended, 1000)
      assert.equal(client.frames().length, 1)
      assert.equal(client.last()?.status, end)
      assert.equal(client.last()?.result === null, end === 'failed')
      assert.equal(client.last()?.error === null, end === 'completed')
    })

  for (const [title, id] of [
    ['that there is not', '3f0e3f3a-6f2c-4d55-9d0a-0d6e3a6f9b11'],
    ['whose id is no uuid', "no-uuid'%20or%201=1"],
  ] as const)
    it(`answers for a job ${title} with one whole frame and 4404`, async () => {
      const gateway = await on.open()
      const client = openSocket(gateway.url(id))
      assert.equal(await client.ended, 4404)
      assert.deepEqual(client.frames(), [
        {
          job_id: id,
          status: 'failed',
          progress: 0,
          current_step: '',
          message: client.last()?.error,
          result: null,
          error: 'Trabalho não encontrado: confira o identificador; ele pode ter sido removido.',
          seq: 0,
          epoch: 0,
        },
      ])
    })

  it('knows a job by its id in capitals too', async () => {
    const gateway = await on.open()
    const id = await addJob(on.database.db)
    const client = openSocket(gateway.url(id.toUpperCase()))
    await client.receives('the state', (frame) => frame.job_id === id)
  })

  for (const state of ['open', 'completed'] as const)
    it(`answers for a job that was removed when ${state} as for none`, async () => {
      const { db } = on.database
      const gateway = await on.open()
      const id = await addJob(db)
      if (state === 'completed') await complete(db, id)
      await db.transaction().execute((trx) => removeRun(trx, id))
      const client = openSocket(gateway.url(id))
      assert.equal(await client.ended, 4404)
      assert.equal(client.frames().length, 1)
      assert.equal(client.last()?.status, 'failed')
    })

  it('tells those who watch a job that is removed, and closes with 1000', async () => {
    const { db } = on.database
    const gateway = await on.open()
    const id = await addJob(db)
    const client = openSocket(gateway.url(id))
    await client.receives('the first', () => true)
    await db.transaction().execute((trx) => removeRun(trx, id))
    assert.equal(await client.ended, 1000)
    assert.equal(client.last()?.status, 'failed')
    assert.equal(client.last()?.error, 'Cancelado a pedido.')
    assertInOrder(client.frames())
  })

  it('cancels a job on request: its workflow is told, every socket gets the last frame', async () => {
    const cancelled: string[] = []
    const runner = stubRunner({
      cancel: ({ id }) => {
        cancelled.push(id)
        return Promise.resolve()
      },
    })
    const gateway = await on.open({ runner })
    const id = await addJob(on.database.db)
    const [asks, watches] = [openSocket(gateway.url(id)), openSocket(gateway.url(id))]
    await Promise.all([asks, watches].map((one) => one.receives('the first', () => true)))
    asks.socket.send('{"type":"cancel"}')
    assert.deepEqual(await Promise.all([asks.ended, watches.ended]), [1000, 1000])
    for (const one of [asks, watches]) {
      assert.equal(one.last()?.status, 'failed')
      assert.equal(one.last()?.error, 'Cancelado a pedido.')
    }
    await waitUntil('the workflow is told', () => cancelled.length > 0)
    assert.deepEqual(cancelled, [id])
  })

  it('leaves a job that is over as it is when asked to cancel it', async () => {
    const { db } = on.database
    const gateway = await on.open()
    const id = await addJob(db)
    await complete(db, id)
    const client = openSocket(gateway.url(id))
    client.socket.once('open', () => client.socket.send('{"type":"cancel"}'))
    assert.equal(await client.ended, 1000)
    assert.deepEqual(
      client.frames().map((frame) => frame.status),
      ['completed'],
    )
    const { status } = await db.selectFrom('runs').select('status').executeTakeFirstOrThrow()
    assert.equal(status, 'completed')
  })

  it('speaks to each reader of one job in their own language', async () => {
    const { db } = on.database
    const gateway = await on.open()
    const id = await addJob(db)
    const english = openSocket(gateway.url(id), {
      headers: { 'accept-language': 'en-GB,en;q=0.9' },
    })
    const portuguese = openSocket(gateway.url(id))
    await Promise.all([english, portuguese].map((one) => one.receives('the first', () => true)))
    await advance(db, id, 2)
    await db.transaction().execute((trx) => removeRun(trx, id))
    await Promise.all([english.ended, portuguese.ended])
    const said = (client: typeof english) =>
      client.frames().map(({ current_step: step, error }) => [step, error])
    assert.deepEqual(said(english), [
      ['Queued', null],
      ['Classifying', null],
      ['Stopped', 'Cancelled on request.'],
    ])
    assert.deepEqual(said(portuguese), [
      ['Na fila', null],
      ['Classificando', null],
      ['Encerrado', 'Cancelado a pedido.'],
    ])
  })

  it('goes on for the others when one of them leaves', async () => {
    const { db } = on.database
    const gateway = await on.open()
    const id = await addJob(db)
    const [leaves, vanishes, stays] = [1, 2, 3].map(() => openSocket(gateway.url(id)))
    const all = [leaves!, vanishes!, stays!]
    await Promise.all(all.map((one) => one.receives('the first', () => true)))
    leaves!.socket.close()
    vanishes!.socket.terminate()
    await Promise.all([leaves!.ended, vanishes!.ended])
    await complete(db, id)
    assert.equal(await stays!.ended, 1000)
    assert.equal(stays!.last()?.status, 'completed')
  })

  it('follows a job again that nobody watched for a while', async () => {
    const { db } = on.database
    const gateway = await on.open()
    const id = await addJob(db)
    const first = openSocket(gateway.url(id))
    await first.receives('the first', () => true)
    first.socket.close()
    await first.ended
    await advance(db, id, 4)
    const second = openSocket(gateway.url(id))
    await second.receives('what was missed', (frame) => frame.seq === 4)
    await complete(db, id)
    assert.equal(await second.ended, 1000)
  })

  it('closes with 1011 where the result can not be opened, and serves the others', async () => {
    const { db } = on.database
    const gateway = await on.open()
    const [broken, sound] = [await addJob(db), await addJob(db)]
    await complete(db, broken)
    await complete(db, sound)
    const foreign = asSealed(Buffer.alloc(64, 9))
    await db
      .updateTable('classifications')
      .set({ outcome: foreign })
      .where('id', '=', broken)
      .execute()
    const clients = [openSocket(gateway.url(broken)), openSocket(gateway.url(sound))]
    assert.deepEqual(await Promise.all(clients.map((one) => one.ended)), [1011, 1000])
  })

  it('says 1001 to all when it closes, and listens no more', async () => {
    const gateway = await on.open()
    const id = await addJob(on.database.db)
    const clients = [openSocket(gateway.url(id)), openSocket(gateway.url(id))]
    await Promise.all(clients.map((one) => one.receives('the first', () => true)))
    await gateway.close()
    assert.deepEqual(await Promise.all(clients.map((one) => one.ended)), [1001, 1001])
    const [error] = (await once(openSocket(gateway.url(id)).socket, 'error')) as [Error]
    assert.match(error.message, /ECONNREFUSED/)
  })

  it('names the port and the setting where the port is in use', async () => {
    const { port } = await on.open()
    await assert.rejects(on.open({ port }), new RegExp(`Port ${port} .*GATEWAY_PORT`))
  })
})
