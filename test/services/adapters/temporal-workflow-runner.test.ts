import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { Client } from '@temporalio/client'
import { connectToTemporal } from '../../../services/adapters/temporal-connection.js'
import { classificationKind } from '../../../db/classifications.js'
import { createTemporalWorkflowRunner } from '../../../services/adapters/temporal-workflow-runner.js'
import { classificationRuns } from '../../../services/email-classification/classification-runs.js'
import { createFindRunKind } from '../../../services/runs/run-kind.js'
import type { WorkflowRunner } from '../../../services/runs/workflow-runner.js'
import { classifyEmailWorkflow } from '../../../workflow-definitions.js'
import { runAttributes, runWorkflowId } from '../../../workflow-ids.js'
import { freePort } from '../../support/free-port.js'
import { waitUntil } from '../../support/wait-until.js'
import { newTaskQueue, openRealServer, withStubbedWorker } from '../../workflows/stubbed-worker.js'

const findKind = createFindRunKind([classificationRuns])

describe('Temporal workflow runner', function () {
  this.timeout(30_000)
  let server: Awaited<ReturnType<typeof openRealServer>>
  const taskQueue = newTaskQueue()
  let runner: WorkflowRunner

  before(async function () {
    this.timeout(180_000)
    server = await openRealServer()
    runner = createTemporalWorkflowRunner({ client: server.client, taskQueue, findKind })
  })
  after(() => server.close())

  const handle = (id: string) =>
    server.client.workflow.getHandle(runWorkflowId(classifyEmailWorkflow, id))
  const count = (query: string) => server.client.workflow.count(query).then((found) => found.count)

  it('starts a run once, however often it is told to', async () => {
    const id = randomUUID()
    const run = { kind: classificationKind, id }
    await Promise.all([runner.start(run), runner.start(run), runner.start(run)])
    const { runId } = await handle(id).describe()
    await runner.start(run)
    assert.equal((await handle(id).describe()).runId, runId)
    await handle(id).terminate()
    await runner.start(run)
    const { runId: afterwards, status } = await handle(id).describe()
    assert.deepEqual([afterwards, status.name], [runId, 'TERMINATED'])
  })

  it('says what became of a run', async () => {
    const id = randomUUID()
    const run = { kind: classificationKind, id }
    assert.equal(await runner.findState(run), 'missing')
    await runner.start(run)
    assert.equal(await runner.findState(run), 'running')
    await handle(id).terminate()
    assert.equal(await runner.findState(run), 'closed')
  })

  it('cancels a run, and nothing where there is none', async () => {
    const id = randomUUID()
    const run = { kind: classificationKind, id }
    await runner.cancel(run)
    await runner.start(run)
    await runner.cancel(run)
    const check = async () => {
      await assert.rejects(handle(id).result(), { name: 'WorkflowFailedError' })
      assert.equal((await handle(id).describe()).status.name, 'CANCELLED')
    }
    await withStubbedWorker(server, {}, check, taskQueue)
    await runner.cancel(run)
  })

  it('gives the progress that the workflow tells, and nothing without a worker or a workflow', async () => {
    const id = randomUUID()
    const run = { kind: classificationKind, id }
    assert.equal(await runner.queryProgress(run), undefined)
    await runner.start(run)
    const askedMs = Date.now()
    assert.equal(await runner.queryProgress(run), undefined)
    assert.ok(Date.now() - askedMs < 2_000)
    const check = async () => {
      await handle(id).result()
      const progress = await waitUntil('the workflow answers', () => runner.queryProgress(run))
      assert.deepEqual([progress.id, progress.step, progress.seq], [id, 'generating_response', 5])
    }
    await withStubbedWorker(server, {}, check, taskQueue)
  })

  it('lets an operator find a run by its id and its state', async () => {
    const id = randomUUID()
    const run = { kind: classificationKind, id }
    await runner.start(run)
    const byId = `${runAttributes.key} = '${id}'`
    await waitUntil(
      'it is found as open',
      async () => (await count(`${byId} AND ${runAttributes.state} = 'open'`)) === 1,
    )
    await withStubbedWorker(
      server,
      {},
      async () => {
        await handle(id).result()
      },
      taskQueue,
    )
    await waitUntil(
      'it is found as completed',
      async () => (await count(`${byId} AND ${runAttributes.state} = 'completed'`)) === 1,
    )
    assert.equal(await count(`${byId} AND ${runAttributes.state} = 'open'`), 0)
  })

  it('gives up on a server that is away, within seconds', async () => {
    const connection = connectToTemporal(`127.0.0.1:${await freePort()}`)
    const away = createTemporalWorkflowRunner({
      client: new Client({ connection }),
      taskQueue,
      findKind,
    })
    const id = randomUUID()
    const run = { kind: classificationKind, id }
    const within = async (ms: number, call: () => Promise<unknown>) => {
      const askedMs = Date.now()
      await call()
      assert.ok(Date.now() - askedMs < ms, `${Date.now() - askedMs} ms`)
    }
    await within(5_000, () => assert.rejects(away.start(run)))
    await within(3_000, () => assert.rejects(away.findState(run)))
    await within(3_000, () => assert.rejects(away.cancel(run)))
    await within(1_000, async () => assert.equal(await away.queryProgress(run), undefined))
    await connection.close()
  })
})
