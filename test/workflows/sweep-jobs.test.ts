import assert from 'node:assert/strict'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import type { sweepJobs } from '../../workflows/index.js'
import { getSkippingServer, newTaskQueue, withStubbedWorker } from './stubbed-worker.js'

describe('sweepJobs workflow', function () {
  this.timeout(60_000)
  let server: TestWorkflowEnvironment

  before(async function () {
    this.timeout(180_000)
    server = await getSkippingServer()
  })

  const execute = (taskQueue: string) =>
    server.client.workflow.execute<typeof sweepJobs>('sweepJobs', {
      taskQueue,
      workflowId: `sweep/${taskQueue}`,
    })

  it('gives what the sweep found', async () => {
    const found = { started: 1, ended: 2, expiredKeys: 3, removedJobs: 4 }
    const taskQueue = newTaskQueue()
    const check = async () => assert.deepEqual(await execute(taskQueue), found)
    await withStubbedWorker(server, { sweepJobs: () => Promise.resolve(found) }, check, taskQueue)
  })

  it('fails at the first failure, because the next tick tries again', async () => {
    const taskQueue = newTaskQueue()
    const stubs = { sweepJobs: () => Promise.reject(new Error('connect ECONNREFUSED')) }
    const check = async ({ calls }: { calls: readonly string[] }) => {
      await assert.rejects(execute(taskQueue), { name: 'WorkflowFailedError' })
      assert.deepEqual(calls, ['sweepJobs'])
    }
    await withStubbedWorker(server, stubs, check, taskQueue)
  })
})
