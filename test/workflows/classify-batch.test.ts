import assert from 'node:assert/strict'
import { Context } from '@temporalio/activity'
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client'
import { CancelledFailure } from '@temporalio/common'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import type { ClassifyChunkInput } from '../../services/batches/batch.js'
import { failuresOf } from '../../activities/failures.js'
import type { RecordFailureInput } from '../../activities/record-run.js'
import type { BatchError } from '../../db/schema/batches.js'
import { progressQuery } from '../../workflow-definitions.js'
import type { Activities } from '../../activities/index.js'
import type { classifyBatch } from '../../workflows/index.js'
import { waitUntil } from '../support/wait-until.js'
import {
  getSkippingServer,
  newTaskQueue,
  openRealServer,
  type TestServer,
  withStubbedWorker,
} from './stubbed-worker.js'

type Run = WorkflowHandle<typeof classifyBatch>

const opened = (chunks: number) => () =>
  Promise.resolve({ items: 2 * chunks, chunkSize: 2, chunks })

async function withBatch(
  server: TestServer,
  stubs: Partial<Activities>,
  use: (run: Run) => Promise<void>,
): Promise<void> {
  const taskQueue = newTaskQueue()
  const start = () =>
    server.client.workflow.start<typeof classifyBatch>('classifyBatch', {
      taskQueue,
      workflowId: `test-batch/${taskQueue}`,
      workflowTaskTimeout: '2 seconds',
      args: [{ runId: 'batch-1' }],
    })
  await withStubbedWorker(server, stubs, async () => use(await start()), taskQueue)
}

describe('classifyBatch', function () {
  this.timeout(60_000)
  let server: TestWorkflowEnvironment

  before(async function () {
    this.timeout(180_000)
    server = await getSkippingServer()
  })

  it('takes every chunk once, two at a time, and ends with their number', async () => {
    const taken: number[] = []
    let now = 0
    let most = 0
    const classifyChunk = async ({ runId, chunk }: ClassifyChunkInput) => {
      assert.equal(runId, 'batch-1')
      taken.push(chunk)
      most = Math.max(most, ++now)
      await new Promise((resolve) => setImmediate(resolve))
      now--
    }
    await withBatch(server, { openBatch: opened(7), classifyChunk }, async (run) => {
      assert.deepEqual(await run.result(), { outcome: 'completed' })
      assert.deepEqual(taken.toSorted(), [0, 1, 2, 3, 4, 5, 6])
      assert.ok(most <= 2)
      const { done, total } = await run.query(progressQuery)
      assert.deepEqual({ done, total }, { done: 14, total: 14 })
      const { events } = await run.fetchHistory()
      const scheduled = events?.flatMap((event) => event.activityTaskScheduledEventAttributes ?? [])
      assert.deepEqual([...new Set(scheduled?.map(({ taskQueue }) => taskQueue?.name))], ['bulk'])
    })
  })

  it('ends at once where there is nothing to classify', async () => {
    await withBatch(server, { openBatch: opened(0) }, async (run) => {
      assert.deepEqual(await run.result(), { outcome: 'completed' })
    })
  })

  it('tries a chunk again that failed, for as long as an outage lasts', async () => {
    const startedMs = await server.currentTimeMs()
    let attempts = 0
    const classifyChunk = async ({ chunk }: ClassifyChunkInput) => {
      if (chunk !== 1) return
      attempts++
      if ((await server.currentTimeMs()) - startedMs < 600_000)
        throw new Error('connect ECONNREFUSED')
    }
    await withBatch(server, { openBatch: opened(3), classifyChunk }, async (run) => {
      assert.deepEqual(await run.result(), { outcome: 'completed' })
      assert.ok(attempts > 5)
    })
  })

  it('ends failed by a chunk that can not be mended, with its cause in the row', async () => {
    const failures: RecordFailureInput[] = []
    const stubs = {
      openBatch: opened(1),
      classifyChunk: () =>
        Promise.reject(failuresOf<BatchError>()('no_model', 'No model is current.')),
      recordFailure: (input: RecordFailureInput) => Promise.resolve(void failures.push(input)),
    }
    // One alone: the server skips no more time after a workflow that ends while an activity runs.
    await withBatch(server, stubs, async (run) => {
      assert.deepEqual(await run.result(), { outcome: 'failed', error: 'no_model' })
      assert.deepEqual(
        failures.map(({ error }) => error),
        ['no_model'],
      )
    })
  })

  it('ends without effect where the batch is gone', async () => {
    await withBatch(server, { openBatch: () => Promise.resolve(null) }, async (run) => {
      assert.deepEqual(await run.result(), { outcome: 'over' })
    })
  })

  it('ends cancelled, the chunks that run with it, and takes no more', async () => {
    // A real server: the one that skips time stops doing so after the cancel of a running activity.
    const real = await openRealServer()
    const begun: number[] = []
    let ended = 0
    const classifyChunk = async ({ chunk }: ClassifyChunkInput) => {
      begun.push(chunk)
      const beat = setInterval(() => Context.current().heartbeat(), 100)
      try {
        await Context.current().cancelled
      } finally {
        clearInterval(beat)
        ended++
      }
    }
    await withBatch(real, { openBatch: opened(5), classifyChunk }, async (run) => {
      await waitUntil('two chunks run', () => begun.length === 2)
      assert.equal((await run.query(progressQuery)).done, 0)
      await run.cancel()
      await assert.rejects(run.result(), (error) => {
        assert.ok(error instanceof WorkflowFailedError)
        assert.ok(error.cause instanceof CancelledFailure)
        return true
      })
      await waitUntil('both have ended', () => ended === 2)
      assert.deepEqual(begun.toSorted(), [0, 1])
    })
    await real.close()
  })
})
