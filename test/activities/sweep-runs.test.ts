import assert from 'node:assert/strict'
import { Context } from '@temporalio/activity'
import type { Client } from '@temporalio/client'
import { randomUUID } from 'node:crypto'
import { createSweepActivities } from '../../activities/sweep-runs.js'
import { classificationKind } from '../../db/classifications.js'
import type { OpenDatabase } from '../../db/database.js'
import { recordWait, removeRun } from '../../db/run-progress.js'
import { createTemporalWorkflowRunner } from '../../services/adapters/temporal-workflow-runner.js'
import { classificationRuns } from '../../services/email-classification/classification-runs.js'
import { createFindRunKind, type RunReference } from '../../services/runs/run-kind.js'
import type { WorkflowRunner } from '../../services/runs/workflow-runner.js'
import { classifyEmailWorkflow, type SweepResult } from '../../workflow-definitions.js'
import { runWorkflowId } from '../../workflow-ids.js'
import { openTestDatabase } from '../support/database.js'
import { putBehindGate } from '../support/gated-database.js'
import { stubRunner } from '../support/gateway.js'
import { waitUntil } from '../support/wait-until.js'
import { openRealServer, withStubbedWorker } from '../workflows/stubbed-worker.js'
import {
  getRow,
  insertTestClassification,
  newActivityEnvironment,
} from '../services/email-classification/test-classification.js'

const minuteMs = 60_000

/** As an operator does in Temporal's UI: back to the end of the first workflow task. */
async function resetWorkflow(client: Client, workflowId: string): Promise<void> {
  const handle = client.workflow.getHandle(workflowId)
  const { events } = await handle.fetchHistory()
  const completed = events?.find((event) => event.workflowTaskCompletedEventAttributes)
  const { runId } = await handle.describe()
  await client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId, runId },
    reason: 'test',
    workflowTaskFinishEventId: completed?.eventId ?? null,
    requestId: randomUUID(),
  })
}
const kind = classificationKind
const findKind = createFindRunKind([classificationRuns])

describe('sweepRuns', function () {
  this.timeout(30_000)
  let database: OpenDatabase

  beforeEach(async () => {
    database = await openTestDatabase()
  })

  const sweep = async (
    runner: WorkflowRunner,
    closedSince: string | null = null,
    { db } = database,
  ): Promise<SweepResult> => {
    const activities = createSweepActivities({
      db,
      runner,
      findKind,
      clearSchedules: () => Promise.resolve(),
    })
    return await newActivityEnvironment().run(() => activities.sweepRuns({ closedSince }))
  }

  const insertSilent = async (silentMs = 2 * minuteMs) => {
    const id = await insertTestClassification(database.db, 'Bom dia')
    const updated_at = new Date(Date.now() - silentMs)
    await database.db.updateTable('runs').set({ updated_at }).where('id', '=', id).execute()
    return id
  }

  /** A runner that only remembers; `state` says what it finds. */
  const rememberingRunner = (state: Awaited<ReturnType<WorkflowRunner['findState']>>) => {
    const started: string[] = []
    const asked: string[] = []
    const runner = stubRunner({
      start: ({ id }) => Promise.resolve(void started.push(id)),
      findState: ({ id }) => Promise.resolve((asked.push(id), state)),
    })
    return { runner, started, asked }
  }

  /** Runs by the thousand, in one statement. */
  const insertMany = async (count: number, state: { waiting_until?: Date }) => {
    const ids = Array.from({ length: count }, () => randomUUID())
    const old = new Date(Date.now() - 2 * minuteMs)
    for (let at = 0; at < count; at += 1_000)
      await database.db
        .insertInto('runs')
        .values(
          ids.slice(at, at + 1_000).map((id) => ({
            ...{ id, kind, updated_at: old },
            ...(state.waiting_until === undefined
              ? {}
              : { status: 'waiting' as const, waiting_until: state.waiting_until }),
          })),
        )
        .execute()
    return ids
  }

  describe('with a real Temporal server', () => {
    let server: Awaited<ReturnType<typeof openRealServer>>
    let runner: WorkflowRunner
    const taskQueue = `nobody-${randomUUID()}`

    before(async function () {
      this.timeout(180_000)
      server = await openRealServer()
      runner = createTemporalWorkflowRunner({ client: server.client, taskQueue, findKind })
    })
    after(() => server.close())

    const terminate = (id: string) =>
      server.client.workflow.getHandle(runWorkflowId(classifyEmailWorkflow, id)).terminate()

    it('starts what never started, ends what was closed, and leaves alone what runs', async () => {
      const [missing, running, closed] = [
        await insertSilent(),
        await insertSilent(),
        await insertSilent(),
      ]
      await runner.start({ kind, id: running })
      await runner.start({ kind, id: closed })
      await terminate(closed)
      const untouched = await getRow(database.db, running)

      const { started, ended } = await sweep(runner)
      assert.deepEqual({ started, ended }, { started: 1, ended: 1 })
      assert.equal(await runner.findState({ kind, id: missing }), 'running')
      assert.deepEqual(await getRow(database.db, running), untouched)
      const { status, error, step } = await getRow(database.db, closed)
      assert.deepEqual(
        { status, error, step },
        { status: 'failed', error: 'stopped_outside', step: 'stopped' },
      )

      const again = await sweep(runner)
      assert.deepEqual({ started: again.started, ended: again.ended }, { started: 0, ended: 0 })
      for (const id of [missing, running]) await terminate(id)
    })

    it('notices at once that a run which waits for days was closed', async () => {
      const id = await insertTestClassification(database.db, 'Bom dia')
      const until = new Date(Date.now() + 86_400_000)
      const wait = { epoch: 1, seq: 1, step: 'classifying', progress: 50, until }
      await recordWait(database.db, id, wait)
      await runner.start({ kind, id })
      const before = await sweep(runner)
      assert.equal((await getRow(database.db, id)).status, 'waiting')
      await terminate(id)
      await waitUntil('it is listed as closed', async () =>
        (await runner.listClosed(new Date(Date.now() - minuteMs))).some((run) => run.id === id),
      )
      const { ended } = await sweep(runner, before.sweptAt)
      assert.equal(ended, 1)
      const { status, error } = await getRow(database.db, id)
      assert.deepEqual({ status, error }, { status: 'failed', error: 'stopped_outside' })
    })

    it('leaves a run alone that goes on after an operator’s reset', async () => {
      const id = await insertTestClassification(database.db, 'Bom dia')
      let asked = 0
      const stubs = {
        openJob: () => Promise.resolve({ source: 'text', hasProvider: true } as const),
        classifyWithProvider: async () => {
          asked++
          await Context.current().cancelled
        },
      }
      const check = async () => {
        await runner.start({ kind, id })
        await waitUntil('it asks the provider', () => asked === 1)
        await resetWorkflow(server.client, runWorkflowId(classifyEmailWorkflow, id))
        await waitUntil('it is listed as closed', async () =>
          (await runner.listClosed(new Date(Date.now() - minuteMs))).some((run) => run.id === id),
        )
        assert.equal((await sweep(runner)).ended, 0)
        assert.equal((await getRow(database.db, id)).status, 'pending')
        await terminate(id)
      }
      await withStubbedWorker(server, stubs, check, taskQueue)
    })
  })

  it('looks at every other run though one can not be asked about, and then says so', async () => {
    const ids = [await insertSilent(), await insertSilent(), await insertSilent()].sort()
    const { runner, started } = rememberingRunner('missing')
    const start = (run: RunReference) =>
      run.id === ids[0] ? Promise.reject(new Error('too large')) : runner.start(run)
    await assert.rejects(sweep({ ...runner, start }), /too large/)
    assert.deepEqual(started.toSorted(), ids.slice(1))
  })

  it('looks at what is due though what was closed can not be listed', async () => {
    const id = await insertSilent()
    const { runner, started } = rememberingRunner('missing')
    const listClosed = () => Promise.reject(new Error('no such attribute'))
    await assert.rejects(sweep({ ...runner, listClosed }), /no such attribute/)
    assert.deepEqual(started, [id])
  })

  it('asks only about open runs that were silent for a minute', async () => {
    const silent = await insertSilent(minuteMs + 5_000)
    await insertSilent(minuteMs - 5_000)
    const removed = await insertSilent()
    await database.db.transaction().execute((trx) => removeRun(trx, removed))
    const { runner, asked } = rememberingRunner('running')
    await sweep(runner)
    assert.deepEqual(asked, [silent])
  })

  it('comes through more runs than fit one page, side by side within a bound', async () => {
    const ids = await insertMany(450, {})
    let now = 0
    let most = 0
    const started: string[] = []
    const runner = stubRunner({
      findState: async () => {
        most = Math.max(most, ++now)
        await new Promise((resolve) => setImmediate(resolve))
        now--
        return 'missing'
      },
      start: ({ id }) => Promise.resolve(void started.push(id)),
    })
    assert.equal((await sweep(runner)).started, 450)
    assert.deepEqual(started.toSorted(), ids.toSorted())
    assert.ok(most > 1 && most <= 20, `${most} at once`)
  })

  it('pays one query for 10,000 runs that wait for their time, and asks about none', async () => {
    const gated = putBehindGate(database)
    await insertMany(10_000, { waiting_until: new Date(Date.now() + 86_400_000) })
    const due = await insertMany(1, { waiting_until: new Date(Date.now() - 1_000) })
    const { runner, asked } = rememberingRunner('running')
    const before = gated.connections()
    await sweep(runner, null, gated)
    assert.equal(gated.connections() - before, 1)
    assert.deepEqual(asked, due)
  })

  it('leaves runs of a kind that it does not know to those who do', async () => {
    const id = randomUUID()
    const updated_at = new Date(Date.now() - 2 * minuteMs)
    await database.db.insertInto('runs').values({ id, kind: 'of tomorrow', updated_at }).execute()
    const { runner, asked } = rememberingRunner('missing')
    await sweep(runner)
    assert.deepEqual(asked, [])
  })

  it('fails where Temporal can not be asked, and the rows stay open', async () => {
    const id = await insertSilent()
    const { runner } = rememberingRunner('missing')
    const away = { ...runner, findState: () => Promise.reject(new Error('14 UNAVAILABLE')) }
    await assert.rejects(sweep(away), /UNAVAILABLE/)
    assert.equal((await getRow(database.db, id)).status, 'pending')
  })
})
