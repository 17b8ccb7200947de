import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { Client } from '@temporalio/client'
import { connectToTemporal } from '../../../services/adapters/temporal-connection.js'
import { createTemporalJobRunner } from '../../../services/adapters/temporal-job-runner.js'
import type { JobRunner } from '../../../services/runs/job-runner.js'
import {
  classifyEmailWorkflowId,
  jobIdAttribute,
  jobStateAttribute,
} from '../../../workflow-ids.js'
import { freePort } from '../../support/free-port.js'
import { waitUntil } from '../../support/wait-until.js'
import { newTaskQueue, openRealServer, withStubbedWorker } from '../../workflows/stubbed-worker.js'

describe('Temporal job runner', function () {
  this.timeout(30_000)
  let server: Awaited<ReturnType<typeof openRealServer>>
  const taskQueue = newTaskQueue()
  let runner: JobRunner

  before(async function () {
    this.timeout(180_000)
    server = await openRealServer()
    runner = createTemporalJobRunner(server.client, taskQueue)
  })
  after(() => server.close())

  const handle = (id: string) => server.client.workflow.getHandle(classifyEmailWorkflowId(id))
  const count = (query: string) => server.client.workflow.count(query).then((found) => found.count)

  it('starts a job once, however often it is told to', async () => {
    const id = randomUUID()
    await Promise.all([runner.start(id), runner.start(id), runner.start(id)])
    const { runId } = await handle(id).describe()
    await runner.start(id)
    assert.equal((await handle(id).describe()).runId, runId)
    await handle(id).terminate()
    await runner.start(id)
    const { runId: afterwards, status } = await handle(id).describe()
    assert.deepEqual([afterwards, status.name], [runId, 'TERMINATED'])
  })

  it('says what became of a job', async () => {
    const id = randomUUID()
    assert.equal(await runner.findState(id), 'missing')
    await runner.start(id)
    assert.equal(await runner.findState(id), 'running')
    await handle(id).terminate()
    assert.equal(await runner.findState(id), 'closed')
  })

  it('cancels a job, and nothing where there is none', async () => {
    const id = randomUUID()
    await runner.cancel(id)
    await runner.start(id)
    await runner.cancel(id)
    const check = async () => {
      await assert.rejects(handle(id).result(), { name: 'WorkflowFailedError' })
      assert.equal((await handle(id).describe()).status.name, 'CANCELLED')
    }
    await withStubbedWorker(server, {}, check, taskQueue)
    await runner.cancel(id)
  })

  it('gives the progress that the workflow tells, and nothing without a worker or a workflow', async () => {
    const id = randomUUID()
    assert.equal(await runner.queryProgress(id), undefined)
    await runner.start(id)
    const askedMs = Date.now()
    assert.equal(await runner.queryProgress(id), undefined)
    assert.ok(Date.now() - askedMs < 2_000)
    const check = async () => {
      await handle(id).result()
      const progress = await waitUntil('the workflow answers', () => runner.queryProgress(id))
      assert.deepEqual([progress.id, progress.step, progress.seq], [id, 'generating_response', 5])
    }
    await withStubbedWorker(server, {}, check, taskQueue)
  })

  it('lets an operator find a job by its id and its state', async () => {
    const id = randomUUID()
    await runner.start(id)
    const byId = `${jobIdAttribute} = '${id}'`
    await waitUntil(
      'it is found as open',
      async () => (await count(`${byId} AND ${jobStateAttribute} = 'open'`)) === 1,
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
      async () => (await count(`${byId} AND ${jobStateAttribute} = 'completed'`)) === 1,
    )
    assert.equal(await count(`${byId} AND ${jobStateAttribute} = 'open'`), 0)
  })

  it('gives up on a server that is away, within seconds', async () => {
    const connection = connectToTemporal(`127.0.0.1:${await freePort()}`)
    const away = createTemporalJobRunner(new Client({ connection }), taskQueue)
    const id = randomUUID()
    const within = async (ms: number, call: () => Promise<unknown>) => {
      const askedMs = Date.now()
      await call()
      assert.ok(Date.now() - askedMs < ms, `${Date.now() - askedMs} ms`)
    }
    await within(5_000, () => assert.rejects(away.start(id)))
    await within(3_000, () => assert.rejects(away.findState(id)))
    await within(3_000, () => assert.rejects(away.cancel(id)))
    await within(1_000, async () => assert.equal(await away.queryProgress(id), undefined))
    await connection.close()
  })
})
