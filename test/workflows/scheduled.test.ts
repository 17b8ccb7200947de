import assert from 'node:assert/strict'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import type { SweepRunsInput } from '../../activities/sweep-runs.js'
import {
  keepHouseWorkflow,
  sweepRunsWorkflow,
  type WorkflowDefinition,
} from '../../workflow-definitions.js'
import { getSkippingServer, newTaskQueue, withStubbedWorker } from './stubbed-worker.js'

describe('scheduled workflows', function () {
  this.timeout(60_000)
  let server: TestWorkflowEnvironment

  before(async function () {
    this.timeout(180_000)
    server = await getSkippingServer()
  })

  const execute = <Result>(
    { type }: WorkflowDefinition<undefined, Result>,
    taskQueue: string,
  ): Promise<Result> =>
    server.client.workflow.execute<() => Promise<Result>>(type, {
      taskQueue,
      workflowId: `${type}/${taskQueue}`,
    })

  it('give what the sweep found', async () => {
    const found = { started: 1, ended: 2, sweptAt: '2026-01-01T00:00:00.000Z' }
    const asked: SweepRunsInput[] = []
    const stubs = {
      sweepRuns: (input: SweepRunsInput) => (asked.push(input), Promise.resolve(found)),
    }
    const taskQueue = newTaskQueue()
    const check = async () => assert.deepEqual(await execute(sweepRunsWorkflow, taskQueue), found)
    await withStubbedWorker(server, stubs, check, taskQueue)
    assert.deepEqual(asked, [{ closedSince: null }])
  })

  it('give what was cleared away', async () => {
    const found = { cleared: { keys: 3 } }
    const taskQueue = newTaskQueue()
    const check = async () => assert.deepEqual(await execute(keepHouseWorkflow, taskQueue), found)
    await withStubbedWorker(server, { keepHouse: () => Promise.resolve(found) }, check, taskQueue)
  })

  it('fail at the first failure, because the next tick tries again', async () => {
    const taskQueue = newTaskQueue()
    const stubs = { sweepRuns: () => Promise.reject(new Error('connect ECONNREFUSED')) }
    const check = async ({ calls }: { calls: readonly string[] }) => {
      await assert.rejects(execute(sweepRunsWorkflow, taskQueue), { name: 'WorkflowFailedError' })
      assert.deepEqual(calls, ['sweepRuns'])
    }
    await withStubbedWorker(server, stubs, check, taskQueue)
  })
})
