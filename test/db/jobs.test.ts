import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { OpenDatabase } from '../../db/database.js'
import {
  countJobsByStatus,
  countOpenJobs,
  deleteRemovedJobs,
  deleteUnstartedJob,
  findJob,
  findJobsForSockets,
  findOpenJob,
  jobProgressChannel,
  type JobProgress,
  type JobStateRow,
  listOpenJobs,
  listSilentJobIds,
  recordEnd,
  recordProgress,
  removeJob,
  updateExtracted,
  updateOutcome,
} from '../../db/jobs.js'
import { type Notifications, openNotifications } from '../../db/notifications.js'
import { asSealed } from '../../db/sealed.js'
import { openTestDatabase } from '../support/database.js'
import { addJob, advance, complete, runStartedAt } from '../support/gateway.js'
import { waitUntil } from '../support/wait-until.js'

describe('Jobs in the database', () => {
  let database: OpenDatabase
  let notifications: Notifications
  let notified: JobProgress[]

  beforeEach(async () => {
    database = await openTestDatabase()
    notified = []
    notifications = await openNotifications(database, [jobProgressChannel], {
      onNotification: (payload) => notified.push(JSON.parse(payload) as JobProgress),
      onListening: () => undefined,
      onError: assert.ifError,
    })
  })
  afterEach(async () => {
    await notifications.close()
  })

  async function getJob(id: string): Promise<JobStateRow> {
    const [row] = await findJobsForSockets(database.db, [id])
    assert.ok(row)
    return row
  }
  const position = ({ epoch, seq, progress }: JobProgress) => [epoch - runStartedAt, seq, progress]

  it('begin as pending, queued, at zero and before any run', async () => {
    const row = await getJob(await addJob(database.db))
    assert.deepEqual(
      [row.status, row.step, row.progress, row.epoch, row.seq, row.error, row.deleted_at],
      ['pending', 'queued', 0, 0, 0, null, null],
    )
  })

  it('notify each newer step, with the state that was written', async () => {
    const { db } = database
    const id = await addJob(db)
    for (const seq of [1, 2, 5]) await advance(db, id, seq)
    await waitUntil('all came', () => notified.length === 3)
    assert.deepEqual(notified.map(position), [
      [0, 1, 10],
      [0, 2, 20],
      [0, 5, 50],
    ])
    const { status, step, progress, epoch, seq } = await getJob(id)
    assert.deepEqual(notified[2], { id, status, step, progress, epoch, seq })
  })

  it('take no step that is older or the same, and none once over, and notify none', async () => {
    const { db } = database
    const id = await addJob(db)
    await advance(db, id, 5)
    await advance(db, id, 5)
    await advance(db, id, 4)
    await recordProgress(db, [
      {
        id,
        status: 'classifying',
        step: 'classifying',
        progress: 99,
        epoch: runStartedAt - 1,
        seq: 900,
      },
    ])
    assert.deepEqual(position(await getJob(id)), [0, 5, 50])
    await complete(db, id)
    await advance(db, id, 20)
    assert.equal((await getJob(id)).status, 'completed')
    await advance(db, randomUUID(), 1)
    await waitUntil('the two came', () => notified.length >= 2)
    assert.deepEqual(notified.map(position), [
      [0, 5, 50],
      [0, 9, 100],
    ])
  })

  it('take a new run whose seq begins again, without letting progress fall', async () => {
    const { db } = database
    const id = await addJob(db)
    await advance(db, id, 7)
    await recordProgress(db, [
      {
        id,
        status: 'processing',
        step: 'starting',
        progress: 5,
        epoch: runStartedAt + 60_000,
        seq: 1,
      },
    ])
    assert.deepEqual(position(await getJob(id)), [60_000, 1, 70])
  })

  it('keep epochs exact, as they are milliseconds', async () => {
    const id = await addJob(database.db)
    const epoch = Date.UTC(2286, 10, 20, 17, 46, 39, 999)
    await recordProgress(database.db, [
      {
        id,
        status: 'processing',
        step: 'starting',
        progress: 5,
        epoch,
        seq: 2_147_483_600,
      },
    ])
    await waitUntil('it came', () => notified.length === 1)
    assert.equal(notified[0]?.epoch, epoch)
    assert.equal((await getJob(id)).epoch, epoch)
  })

  for (const [title, reached, expected] of [
    ['told nothing', undefined, [0, 4]],
    ['behind the row', { epoch: runStartedAt, seq: 2 }, [0, 4]],
    ['as far as the row', { epoch: runStartedAt, seq: 3 }, [0, 4]],
    ['ahead of the row', { epoch: runStartedAt, seq: 8 }, [0, 9]],
    ['of a later run', { epoch: runStartedAt + 5, seq: 1 }, [5, 2]],
    ['of an earlier run', { epoch: runStartedAt - 5, seq: 70 }, [0, 4]],
  ] as const)
    it(`end newer than anything seen where the run's last position is ${title}`, async () => {
      const { db } = database
      const id = await addJob(db)
      await advance(db, id, 3)
      assert.equal(await recordEnd(db, id, { status: 'failed', error: 'internal' }, reached), true)
      const row = await getJob(id)
      assert.deepEqual([row.epoch - runStartedAt, row.seq], expected)
      assert.deepEqual([row.status, row.step, row.error], ['failed', 'stopped', 'internal'])
      assert.equal(row.progress, 30)
      await waitUntil('the end came', () => notified.length === 2)
      assert.equal(notified[1]?.seq, row.seq)
    })

  it('end once: the first end stays and is the only one notified', async () => {
    const { db } = database
    const id = await addJob(db)
    const ends = await Promise.all([
      recordEnd(db, id, { status: 'completed' }),
      recordEnd(db, id, { status: 'failed', error: 'cancelled' }),
      recordEnd(db, id, { status: 'failed', error: 'internal' }),
    ])
    assert.equal(ends.filter(Boolean).length, 1)
    assert.equal(await recordEnd(db, randomUUID(), { status: 'completed' }), false)
    const before = await getJob(id)
    assert.equal(await recordEnd(db, id, { status: 'failed', error: 'internal' }), false)
    assert.deepEqual(await getJob(id), before)
    await waitUntil('it came', () => notified.length > 0)
    assert.equal(notified.length, 1)
  })

  it('show a result only where completed', async () => {
    const { db } = database
    const [completed, failed] = [await addJob(db), await addJob(db)]
    for (const id of [completed, failed])
      await updateOutcome(db, id, asSealed(Buffer.from('sealed')))
    await recordEnd(db, completed, { status: 'completed' })
    await recordEnd(db, failed, { status: 'failed', error: 'cancelled' })
    assert.deepEqual((await getJob(completed)).outcome, Buffer.from('sealed'))
    assert.equal((await getJob(completed)).progress, 100)
    assert.equal((await getJob(failed)).outcome, null)
  })

  it('notify an end in a transaction only when it is committed', async () => {
    const { db } = database
    const id = await addJob(db)
    await assert.rejects(
      db.transaction().execute(async (trx) => {
        await recordEnd(trx, id, { status: 'completed' })
        throw new Error('taken back')
      }),
      /taken back/,
    )
    assert.equal((await getJob(id)).status, 'pending')
    await advance(db, id, 1)
    await waitUntil('the step came', () => notified.length > 0)
    assert.deepEqual(notified.map(position), [[0, 1, 10]])
  })

  it('are removed with text and result; the mark stays for their sockets alone', async () => {
    const { db } = database
    const [open, over] = [await addJob(db), await addJob(db)]
    await updateExtracted(db, open, asSealed(Buffer.from('sealed')))
    await complete(db, over)
    assert.equal(await removeJob(db, open), 'running')
    assert.equal(await removeJob(db, over), 'over')
    for (const id of [open, over]) {
      assert.equal(await removeJob(db, id), undefined)
      assert.equal(await findJob(db, id), undefined)
      assert.equal(await findOpenJob(db, id), undefined)
    }
    assert.equal(await removeJob(db, randomUUID()), undefined)
    const rows = await db.selectFrom('jobs').selectAll().execute()
    for (const row of rows)
      assert.deepEqual([row.content, row.extracted, row.outcome], [null, null, null])
    const mark = await getJob(open)
    assert.deepEqual([mark.status, mark.error], ['failed', 'cancelled'])
    assert.equal(await deleteRemovedJobs(db, new Date(Date.now() - 60_000)), 0)
    assert.equal(await deleteRemovedJobs(db, new Date(Date.now() + 60_000)), 2)
  })

  it('accept nothing of a late worker once they are over', async () => {
    const { db } = database
    const id = await addJob(db)
    await removeJob(db, id)
    await updateExtracted(db, id, asSealed(Buffer.from('late')))
    await updateOutcome(db, id, asSealed(Buffer.from('late')))
    const row = await db.selectFrom('jobs').selectAll().executeTakeFirstOrThrow()
    assert.deepEqual([row.extracted, row.outcome], [null, null])
  })

  it('are taken back only while pending', async () => {
    const { db } = database
    const [pending, begun] = [await addJob(db), await addJob(db)]
    await advance(db, begun, 1)
    await db.transaction().execute(async (trx) => {
      await deleteUnstartedJob(trx, pending)
      await deleteUnstartedJob(trx, begun)
    })
    assert.equal(await findJob(db, pending), undefined)
    assert.ok(await findJob(db, begun))
  })

  it('are counted and listed while open', async () => {
    const { db } = database
    const ids = [await addJob(db), await addJob(db), await addJob(db), await addJob(db)]
    await advance(db, ids[1]!, 4)
    await complete(db, ids[2]!)
    await removeJob(db, ids[3]!)
    assert.equal(await countOpenJobs(db), 2)
    assert.deepEqual(await listOpenJobs(db, 10), [
      { id: ids[0], status: 'pending', progress: 0 },
      { id: ids[1], status: 'classifying', progress: 40 },
    ])
    assert.equal((await listOpenJobs(db, 1)).length, 1)
    const counts = await countJobsByStatus(db)
    assert.deepEqual(
      new Map(counts.map(({ status, count }) => [status, count])),
      new Map([
        ['pending', 1],
        ['classifying', 1],
        ['completed', 1],
      ]),
    )
  })

  it('are found by the sweeper when silent, page by page', async () => {
    const { db } = database
    const ids: string[] = []
    for (let i = 0; i < 5; i++) ids.push(await addJob(db))
    const heard = new Date()
    await db
      .updateTable('jobs')
      .set({ updated_at: new Date(heard.getTime() - 120_000) })
      .where('id', 'in', ids.slice(0, 4))
      .execute()
    await recordEnd(db, ids[0]!, { status: 'failed', error: 'internal' })
    const before = new Date(heard.getTime() - 60_000)
    const silent = ids.slice(1, 4).sort()
    const first = await listSilentJobIds(db, { before, after: undefined, limit: 2 })
    assert.deepEqual(first, silent.slice(0, 2))
    const second = await listSilentJobIds(db, { before, after: first.at(-1), limit: 2 })
    assert.deepEqual(second, silent.slice(2))
  })

  it('are read many at once for their sockets', async () => {
    const { db } = database
    const ids: string[] = []
    for (let i = 0; i < 20; i++) ids.push(await addJob(db))
    const asked = [...ids, ...Array.from({ length: 480 }, () => randomUUID())]
    const rows = await findJobsForSockets(db, asked)
    assert.deepEqual(rows.map((row) => row.id).sort(), [...ids].sort())
    for (const row of rows) assert.ok(!('content' in row) && !('extracted' in row))
  })
})
