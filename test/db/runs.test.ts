import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { OpenDatabase } from '../../db/database.js'
import {
  recordEnd,
  recordProgress,
  recordWait,
  removeRun,
  runProgressChannel,
  type RunProgress,
} from '../../db/run-progress.js'
import {
  countOpenRuns,
  countRuns,
  deleteRemovedRuns,
  deleteRun,
  findRun,
  findRunsForSockets,
  listDueRuns,
  listOpenRuns,
  listRuns,
  lockUnstartedRun,
} from '../../db/runs.js'
import {
  deleteClassification,
  findOpenClassification,
  updateExtracted,
  updateOutcome,
} from '../../db/classifications.js'
import { asSealed } from '../../db/sealed.js'
import type { RunRow } from '../../db/schema/runs.js'
import { type Notifications, openNotifications } from '../../db/notifications.js'
import { openTestDatabase } from '../support/database.js'
import { addJob, advance, complete, runStartedAt } from '../support/gateway.js'
import { waitUntil } from '../support/wait-until.js'

/** What the steps of these tests have in common. */
const ofAny = { kind: 'classification', status: 'running', done: null, total: null } as const

describe('Runs in the database', () => {
  let database: OpenDatabase
  let notifications: Notifications
  let notified: RunProgress[]
  /** By a minute: two that are made within one tick of the database's clock are in any order. */
  const makeEarlier = (id: string) =>
    database.db
      .updateTable('runs')
      .set({ created_at: new Date(Date.now() - 60_000) })
      .where('id', '=', id)
      .execute()

  beforeEach(async () => {
    database = await openTestDatabase()
    notified = []
    notifications = await openNotifications(database, [runProgressChannel], {
      onNotification: (payload) => notified.push(JSON.parse(payload) as RunProgress),
      onListening: () => undefined,
      onError: assert.ifError,
    })
  })
  afterEach(async () => {
    await notifications.close()
  })

  async function getRun(id: string): Promise<RunRow> {
    const [row] = await findRunsForSockets(database.db, [id])
    assert.ok(row)
    return row
  }
  const position = ({ epoch, seq, progress }: RunProgress) => [epoch - runStartedAt, seq, progress]

  it('begin as pending, queued, at zero and before any run', async () => {
    const row = await getRun(await addJob(database.db))
    assert.deepEqual(
      [row.status, row.step, row.progress, row.epoch, row.seq, row.error, row.removed_at],
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
    const { kind, status, step, progress, done, total, epoch, seq } = await getRun(id)
    const { created_at: createdAt, ...told } = notified[2]! as RunProgress & { created_at: string }
    assert.equal(Date.parse(createdAt), (await getRun(id)).created_at.getTime())
    assert.deepEqual(told, { id, kind, status, step, progress, done, total, epoch, seq })
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
        ...ofAny,
        step: 'classifying',
        progress: 99,
        epoch: runStartedAt - 1,
        seq: 900,
      },
    ])
    assert.deepEqual(position(await getRun(id)), [0, 5, 50])
    await complete(db, id)
    await advance(db, id, 20)
    assert.equal((await getRun(id)).status, 'completed')
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
        ...ofAny,
        step: 'extracting_text',
        progress: 5,
        epoch: runStartedAt + 60_000,
        seq: 1,
      },
    ])
    assert.deepEqual(position(await getRun(id)), [60_000, 1, 70])
  })

  it('go on saying how far they had come where another workflow begins them anew', async () => {
    const { db } = database
    const id = await addJob(db)
    await advance(db, id, 7)
    const again = { ...ofAny, id, progress: 5, epoch: runStartedAt + 60_000 }
    await recordProgress(db, [{ ...again, step: 'starting', seq: 1 }])
    assert.deepEqual(position(await getRun(id)), [0, 7, 70])
    await recordProgress(db, [{ ...again, step: 'extracting_text', seq: 2 }])
    assert.deepEqual(position(await getRun(id)), [60_000, 2, 70])
  })

  it('keep epochs exact, as they are milliseconds', async () => {
    const id = await addJob(database.db)
    const epoch = Date.UTC(2286, 10, 20, 17, 46, 39, 999)
    await recordProgress(database.db, [
      {
        id,
        ...ofAny,
        step: 'starting',
        progress: 5,
        epoch,
        seq: 2_147_483_600,
      },
    ])
    await waitUntil('it came', () => notified.length === 1)
    assert.equal(notified[0]?.epoch, epoch)
    assert.equal((await getRun(id)).epoch, epoch)
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
      const row = await getRun(id)
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
    const before = await getRun(id)
    assert.equal(await recordEnd(db, id, { status: 'failed', error: 'internal' }), false)
    assert.deepEqual(await getRun(id), before)
    await waitUntil('it came', () => notified.length > 0)
    assert.equal(notified.length, 1)
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
    assert.equal((await getRun(id)).status, 'pending')
    await advance(db, id, 1)
    await waitUntil('the step came', () => notified.length > 0)
    assert.deepEqual(notified.map(position), [[0, 1, 10]])
  })

  it('are marked as removed once; the mark stays for their sockets alone', async () => {
    const { db } = database
    const [open, over] = [await addJob(db), await addJob(db)]
    const remove = (id: string) => db.transaction().execute((trx) => removeRun(trx, id))
    await complete(db, over)
    assert.equal(await remove(open), 'running')
    assert.equal(await remove(over), 'over')
    for (const id of [open, over]) {
      assert.equal(await remove(id), undefined)
      assert.equal(await findRun(db, id), undefined)
      assert.equal(await findOpenClassification(db, id), undefined)
    }
    assert.equal(await remove(randomUUID()), undefined)
    const mark = await getRun(open)
    assert.deepEqual([mark.status, mark.error], ['failed', 'cancelled'])
    assert.equal(await deleteRemovedRuns(db, new Date(Date.now() - 60_000)), 0)
    assert.equal(await deleteRemovedRuns(db, new Date(Date.now() + 60_000)), 2)
  })

  it('accept nothing of a late worker once they are over or their texts are gone', async () => {
    const { db } = database
    const [cancelled, removed] = [await addJob(db), await addJob(db)]
    await recordEnd(db, cancelled, { status: 'failed', error: 'cancelled' })
    await db.transaction().execute((trx) => deleteClassification(trx, removed))
    for (const id of [cancelled, removed]) {
      await updateExtracted(db, id, asSealed(Buffer.from('late')))
      assert.equal(await updateOutcome(db, id, asSealed(Buffer.from('late'))), false)
    }
    const rows = await db.selectFrom('classifications').selectAll().execute()
    assert.deepEqual(
      rows.map(({ id, extracted, outcome }) => [id, extracted, outcome]),
      [[cancelled, null, null]],
    )
  })

  it('are held for being taken back only while pending', async () => {
    const { db } = database
    const [pending, begun] = [await addJob(db), await addJob(db)]
    await advance(db, begun, 1)
    await db.transaction().execute(async (trx) => {
      assert.equal(await lockUnstartedRun(trx, begun), false)
      assert.equal(await lockUnstartedRun(trx, pending), true)
      await deleteRun(trx, pending)
    })
    assert.equal(await findRun(db, pending), undefined)
    assert.ok(await findRun(db, begun))
  })

  it('are counted and listed while open', async () => {
    const { db } = database
    const ids = [await addJob(db), await addJob(db), await addJob(db), await addJob(db)]
    await makeEarlier(ids[0]!)
    await advance(db, ids[1]!, 4)
    await complete(db, ids[2]!)
    await db.transaction().execute((trx) => removeRun(trx, ids[3]!))
    const kind = 'classification'
    assert.equal(await countOpenRuns(db), 2)
    assert.deepEqual([await countOpenRuns(db, kind), await countOpenRuns(db, 'other')], [2, 0])
    assert.deepEqual(await listOpenRuns(db, kind, 10), [
      { id: ids[0], step: 'queued', progress: 0 },
      { id: ids[1], step: 'classifying', progress: 40 },
    ])
    assert.equal((await listOpenRuns(db, kind, 1)).length, 1)
    assert.deepEqual(await listOpenRuns(db, 'other', 10), [])
    const counts = await countRuns(db)
    assert.deepEqual(
      new Map(counts.map(({ status, count }) => [status, count])),
      new Map([
        ['pending', 1],
        ['running', 1],
        ['completed', 1],
      ]),
    )
  })

  it('are due when silent or past the time they waited for, page by page', async () => {
    const { db } = database
    const ids: string[] = []
    for (let i = 0; i < 7; i++) ids.push(await addJob(db))
    const now = new Date()
    const ago = (ms: number) => new Date(now.getTime() - ms)
    await db
      .updateTable('runs')
      .set({ updated_at: ago(120_000) })
      .where('id', 'in', ids.slice(0, 6))
      .execute()
    await recordEnd(db, ids[0]!, { status: 'failed', error: 'internal' })
    const wait = { epoch: 1, seq: 1, step: 'classifying', progress: 50 }
    // Silent for long, but their time has not come.
    for (const id of [ids[4]!, ids[5]!])
      await recordWait(db, id, { ...wait, until: new Date(now.getTime() + 60_000) })
    await recordWait(db, ids[6]!, { ...wait, until: ago(1_000) })
    const due = [...ids.slice(1, 4), ids[6]!].sort()
    const when = { silentSince: ago(60_000), now, limit: 3 }
    const first = await listDueRuns(db, { ...when, after: undefined })
    assert.deepEqual(
      first.map(({ id }) => id),
      due.slice(0, 3),
    )
    const second = await listDueRuns(db, { ...when, after: first.at(-1)?.id })
    assert.deepEqual(second, [{ id: due[3], kind: 'classification' }])
  })

  it('wait with the time they wait for, and go on without it', async () => {
    const { db } = database
    const id = await addJob(db)
    const until = new Date(Date.UTC(2030, 0, 1))
    const wait = { epoch: runStartedAt, seq: 2, step: 'classifying', progress: 50, until }
    const position = { epoch: runStartedAt, seq: 2 }
    assert.deepEqual(await recordWait(db, id, wait), position)
    assert.deepEqual(await recordWait(db, id, wait), position, 'the same said again')
    const waiting = await getRun(id)
    assert.deepEqual([waiting.status, waiting.waiting_until], ['waiting', until])
    await advance(db, id, 3)
    const going = await getRun(id)
    assert.deepEqual([going.status, going.waiting_until], ['running', null])
    await recordEnd(db, id, { status: 'completed' })
    assert.equal(await recordWait(db, id, { ...wait, seq: 9 }), undefined)
  })

  it('wait though an earlier workflow, or a clock that was ahead, had come further', async () => {
    const { db } = database
    const id = await addJob(db)
    await advance(db, id, 7)
    const until = new Date(Date.UTC(2030, 0, 1))
    const wait = { epoch: runStartedAt - 60_000, seq: 2, step: 'classifying', progress: 50, until }
    const position = await recordWait(db, id, wait)
    assert.deepEqual(position, { epoch: runStartedAt, seq: 8 })
    const { status, seq } = await getRun(id)
    assert.deepEqual([status, seq], ['waiting', 8])
    await advance(db, id, 9)
    assert.equal((await getRun(id)).status, 'running')
  })

  it('are listed by kind and state, newest first, without those removed', async () => {
    const { db } = database
    const [first, second, removed] = [await addJob(db), await addJob(db), await addJob(db)]
    await makeEarlier(first)
    await db.transaction().execute((trx) => removeRun(trx, removed))
    await complete(db, second)
    const page = { kinds: ['classification'], status: undefined, offset: 0, limit: 10 }
    const list = async (more: object) =>
      (await listRuns(db, { ...page, ...more })).map(({ id }) => id)
    assert.deepEqual(await list({}), [second, first])
    assert.deepEqual(await list({ status: 'pending' }), [first])
    assert.deepEqual(await list({ offset: 1 }), [first])
    assert.deepEqual(await list({ kinds: ['batch'] }), [])
  })

  it('are read many at once for their sockets', async () => {
    const { db } = database
    const ids: string[] = []
    for (let i = 0; i < 20; i++) ids.push(await addJob(db))
    const asked = [...ids, ...Array.from({ length: 480 }, () => randomUUID())]
    const rows = await findRunsForSockets(db, asked)
    assert.deepEqual(rows.map((row) => row.id).sort(), [...ids].sort())
  })
})
