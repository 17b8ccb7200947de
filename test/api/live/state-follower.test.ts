import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { pino } from 'pino'
import { classificationRuns } from '../../../services/email-classification/classification-runs.js'
import { createFindRunKind, type RunReference } from '../../../services/runs/run-kind.js'
import type { WorkflowRunner } from '../../../services/runs/workflow-runner.js'
import { createRunSource, type RunWithResult } from '../../../api/routes/runs/run-source.js'
import { createStateFollower, type StateFollower } from '../../../api/live/state-follower.js'
import { recordEnd, removeRun, type RunNews } from '../../../db/run-progress.js'
import { openTestDatabase } from '../../support/database.js'
import { type GatedDatabase, putBehindGate } from '../../support/gated-database.js'
import { addJob, advance, complete, keys, runStartedAt, stubRunner } from '../../support/gateway.js'
import { waitUntil } from '../../support/wait-until.js'

/** Far quicker than in service, so that a test waits for what silence brings about. */
const quick = { tickMs: 10, silenceMs: 40, quietMs: 0 }
/** Silence brings nothing about within a test. */
const never = { tickMs: 10, silenceMs: 3_600_000, quietMs: 0 }

const at = (id: string, seq: number, progress = seq * 10): RunNews => ({
  id,
  kind: 'classification',
  status: 'running',
  step: 'classifying',
  progress,
  done: null,
  total: null,
  created_at: new Date(0),
  epoch: runStartedAt,
  seq,
})

describe('A state follower', () => {
  let database: GatedDatabase
  let live: StateFollower<RunNews>
  let progress: RunNews[]
  let ends: RunWithResult[]
  let unknown: string[]

  function follow(runner: Partial<WorkflowRunner> = {}, timing = never): void {
    live = createStateFollower({
      source: createRunSource({
        db: database.db,
        keys,
        runner: stubRunner(runner),
        findKind: createFindRunKind([classificationRuns]),
      }),
      log: pino({ level: 'silent' }),
      timing,
      handlers: {
        onProgress: (next) => progress.push(next),
        onEnd: (row) => ends.push(row) > 0,
        onUnknown: (id) => unknown.push(id),
      },
    })
  }
  const told = () => progress.map(({ seq, progress: percent }) => [seq, percent])

  beforeEach(async () => {
    database = putBehindGate(await openTestDatabase())
    progress = []
    ends = []
    unknown = []
  })
  afterEach(() => live.close())

  it('finds a step and an end whose hints were lost, by silence', async () => {
    follow({}, quick)
    const id = await addJob(database.db)
    live.watch(id)
    await waitUntil('the first', () => progress.length === 1)
    await advance(database.db, id, 4)
    await waitUntil('the lost step', () => progress.length === 2)
    await complete(database.db, id)
    await waitUntil('the lost end', () => ends.length === 1)
    assert.deepEqual(told(), [
      [0, 0],
      [4, 40],
    ])
    assert.equal(ends[0]?.status, 'completed')
    assert.equal(live.findLatest(id), undefined)
  })

  it('ends the open row of a workflow that was closed from outside', async () => {
    follow({ findState: () => Promise.resolve('closed') }, quick)
    const id = await addJob(database.db)
    live.watch(id)
    await waitUntil('the end', () => ends.length === 1)
    assert.deepEqual([ends[0]?.status, ends[0]?.error], ['failed', 'stopped_outside'])
    const row = await database.db.selectFrom('runs').selectAll().executeTakeFirstOrThrow()
    assert.equal(row.status, 'failed')
  })

  for (const state of ['running', 'missing'] as const)
    it(`leaves the open row of a ${state} workflow as it is`, async () => {
      let asked = 0
      const findState = () => {
        asked++
        return Promise.resolve(state)
      }
      follow({ findState }, quick)
      const id = await addJob(database.db)
      live.watch(id)
      await waitUntil('it was looked up often', () => asked > 3)
      assert.deepEqual([progress.length, ends.length, unknown.length], [1, 0, 0])
    })

  it('reads the row of a silent job even while Temporal is away', async () => {
    follow({ findState: () => Promise.reject(new Error('unavailable')) }, quick)
    const id = await addJob(database.db)
    live.watch(id)
    await waitUntil('the first', () => progress.length === 1)
    await complete(database.db, id)
    await waitUntil('the lost end', () => ends.length === 1)
  })

  it('follows a run of a kind that only another version knows by its row alone', async () => {
    const asked: string[] = []
    const refuse = ({ kind }: RunReference) => {
      asked.push(kind)
      return Promise.reject(new Error(`There is no kind of run named ${kind} here.`))
    }
    follow({ findState: refuse, queryProgress: refuse }, quick)
    const [known, id] = [await addJob(database.db), randomUUID()]
    await database.db.insertInto('runs').values({ id, kind: 'import' }).execute()
    live.watch(id)
    await waitUntil('the first', () => progress.length === 1)
    live.watch(known)
    await waitUntil('the other was looked up often', () => asked.length > 6)
    assert.deepEqual(new Set(asked), new Set(['classification']))
    await recordEnd(database.db, id, { status: 'completed' })
    await waitUntil('its end', () => ends.length === 1)
    assert.equal(ends[0]?.id, id)
  })

  it('looks up every silent job in turn, however many there are', async () => {
    const asked = new Map<string, number>()
    const findState = ({ id }: RunReference) => {
      asked.set(id, (asked.get(id) ?? 0) + 1)
      return Promise.resolve('running' as const)
    }
    follow({ findState }, quick)
    // 50 at each tick and silent again after four ticks: the first 200 could take every turn.
    const ids: string[] = []
    for (let i = 0; i < 400; i++) ids.push(await addJob(database.db))
    for (const id of ids) live.watch(id)
    await waitUntil('each was looked up', () => asked.size === ids.length)
  })

  it('reads jobs watched in one turn by one statement', async () => {
    follow()
    const ids: string[] = []
    for (let i = 0; i < 120; i++) ids.push(await addJob(database.db))
    const before = database.connections()
    for (const id of [...ids, ...ids]) live.watch(id)
    await waitUntil('all are known', () => progress.length === ids.length)
    assert.equal(database.connections() - before, 1)
  })

  it('tells what the workflow says only where that is newer than the row', async () => {
    const answers = new Map<string, RunNews>()
    follow({ queryProgress: ({ id }) => Promise.resolve(answers.get(id)) })
    const [newer, older, same] = await Promise.all([1, 2, 3].map(() => addJob(database.db)))
    for (const id of [newer!, older!, same!]) await advance(database.db, id, 3)
    answers.set(newer!, at(newer!, 6))
    answers.set(older!, at(older!, 2))
    answers.set(same!, at(same!, 3, 99))
    for (const id of answers.keys()) live.watch(id)
    await waitUntil('the row and the answer', () => live.findLatest(newer!)?.seq === 6)
    await waitUntil(
      'the others',
      () => live.findLatest(older!)?.seq === 3 && live.findLatest(same!),
    )
    for (const id of answers.keys()) live.watch(id)
    live.resync()
    await recordEnd(database.db, older!, { status: 'failed', error: 'internal' })
    live.onNotification(JSON.stringify({ ...at(older!, 4), status: 'failed', step: 'stopped' }))
    await waitUntil('the end', () => ends.length === 1)
    const last = (id: string) => progress.filter((one) => one.id === id).at(-1)
    assert.equal(last(newer!)?.seq, 6)
    assert.deepEqual([last(older!)?.seq, last(older!)?.progress], [3, 30])
  })

  it('does not wait for a workflow that never answers, and asks it once at a time', async () => {
    const waiting: ((answer: RunNews | undefined) => void)[] = []
    follow({ queryProgress: () => new Promise((resolve) => waiting.push(resolve)) })
    const id = await addJob(database.db)
    for (let i = 0; i < 50; i++) live.watch(id)
    await waitUntil('the row', () => progress.length === 1)
    // Sockets that come and go make a new watch each time.
    for (let i = 0; i < 5; i++) {
      live.unwatch(id)
      live.watch(id)
    }
    await waitUntil('it is asked', () => waiting.length > 0)
    assert.equal(waiting.length, 1)
    waiting[0]!(at(id, 5))
    await waitUntil('the late answer', () => live.findLatest(id)?.seq === 5)
    live.watch(id)
    await waitUntil('it is asked again', () => waiting.length === 2)
  })

  it('survives a workflow that answers nonsense, or whose query throws', async () => {
    const [nonsense, throws] = await Promise.all([addJob(database.db), addJob(database.db)])
    follow({
      queryProgress: ({ id }) =>
        id === throws
          ? Promise.reject(new Error('broken'))
          : Promise.resolve({ ...at(id, 9), status: 'of another version' } as unknown as RunNews),
    })
    for (const id of [nonsense, throws]) live.watch(id)
    await waitUntil('both rows', () => progress.length === 2)
    assert.deepEqual(told(), [
      [0, 0],
      [0, 0],
    ])
    live.watch(throws)
    await advance(database.db, throws, 1)
    live.onNotification(JSON.stringify(at(throws, 1)))
    assert.equal(live.findLatest(throws)?.seq, 1)
  })

  it('ends after what the workflow told, where the row knew less', async () => {
    const id = await addJob(database.db)
    follow({ queryProgress: () => Promise.resolve(at(id, 7)) })
    live.watch(id)
    await waitUntil('the answer', () => live.findLatest(id)?.seq === 7)
    await database.db.transaction().execute((trx) => removeRun(trx, id))
    live.onNotification(JSON.stringify({ ...at(id, 1, 0), status: 'failed', step: 'stopped' }))
    await waitUntil('the end', () => ends.length === 1)
    assert.deepEqual([ends[0]?.epoch, ends[0]?.seq, ends[0]?.progress], [runStartedAt, 8, 70])
    assert.equal(ends[0]?.error, 'cancelled')
  })

  it('takes the end from the row alone', async () => {
    const id = await addJob(database.db)
    follow()
    live.watch(id)
    await waitUntil('the first', () => progress.length === 1)
    live.onNotification(JSON.stringify({ ...at(id, 9, 100), status: 'completed', step: 'done' }))
    live.onNotification(JSON.stringify(at(id, 1)))
    // The row says that the job goes on.
    await waitUntil('the step after it', () => progress.length === 2)
    assert.equal(ends.length, 0)
  })

  it('ignores hints that are none, and those for jobs that nobody watches', async () => {
    const id = await addJob(database.db)
    follow()
    live.watch(id)
    await waitUntil('the first', () => progress.length === 1)
    for (const payload of [
      '',
      '{',
      'null',
      '[]',
      JSON.stringify({ ...at(id, 1), status: 'unknown' }),
      JSON.stringify({ ...at(id, 1), seq: '1' }),
      JSON.stringify(at(randomUUID(), 1)),
    ])
      live.onNotification(payload)
    assert.equal(progress.length, 1)
  })

  it('follows again once the database is back', async () => {
    follow({}, quick)
    const id = await addJob(database.db)
    const none = randomUUID()
    database.shut()
    live.watch(id)
    live.watch(none)
    await waitUntil('some reads have failed', () => database.refusals() > 2)
    assert.deepEqual([progress.length, unknown.length], [0, 0])
    database.open()
    await waitUntil('the state', () => progress.length === 1 && unknown.length === 1)
    database.shut()
    live.resync()
    database.open()
    await complete(database.db, id)
    await waitUntil('the end', () => ends.length === 1)
  })

  it('tells nothing of a job once it is unwatched or closed, whatever was under way', async () => {
    const answers: ((answer: RunNews | undefined) => void)[] = []
    follow({ queryProgress: () => new Promise((resolve) => answers.push(resolve)) })
    const [left, closed] = await Promise.all([addJob(database.db), addJob(database.db)])
    live.watch(left)
    live.watch(closed)
    live.unwatch(left)
    live.onNotification(JSON.stringify(at(left, 1)))
    live.close()
    for (const answer of answers) answer(at(left, 2))
    await database.db.selectFrom('runs').select('id').execute()
    assert.deepEqual([progress, ends, unknown], [[], [], []])
  })

  it('tells the end once, however often it is heard of', async () => {
    const id = await addJob(database.db)
    follow()
    for (let round = 0; round < 20; round++) {
      live.watch(id)
      live.unwatch(id)
    }
    live.watch(id)
    await complete(database.db, id)
    for (let i = 0; i < 5; i++) {
      live.onNotification(JSON.stringify({ ...at(id, 9, 100), status: 'completed', step: 'done' }))
      live.resync()
    }
    await waitUntil('the end', () => ends.length > 0)
    await database.db.selectFrom('runs').select('id').execute()
    assert.equal(ends.length, 1)
    assert.equal(unknown.length, 0)
  })
})
