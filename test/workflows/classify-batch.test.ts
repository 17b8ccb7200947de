import assert from 'node:assert/strict'
import { Context } from '@temporalio/activity'
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client'
import { CancelledFailure } from '@temporalio/common'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import type { ClassifyChunkInput } from '../../services/batches/batch.js'
import { permanentFailure } from '../../activities/failures.js'
import type { Activities } from '../../activities/index.js'
import { batchProgressQuery, type classifyBatch } from '../../workflows/classify-batch.js'
import { waitUntil } from '../support/wait-until.js'
import {
  getSkippingServer,
  newTaskQueue,
  openRealServer,
  type TestServer,
  withStubbedWorker,
} from './stubbed-worker.js'

type Run = WorkflowHandle<typeof classifyBatch>

const opened = (chunks: number) => () => Promise.resolve({ chunks })

/** The workflow on a queue of its own, its chunks on `bulk`, each with a worker. */
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
      args: [{ batchId: 'batch-1' }],
    })
  const onBulk = () => withStubbedWorker(server, stubs, async () => use(await start()), 'bulk')
  await withStubbedWorker(server, stubs, onBulk, taskQueue)
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
    const classifyChunk = async ({ batchId, chunk }: ClassifyChunkInput) => {
      assert.equal(batchId, 'batch-1')
      taken.push(chunk)
      most = Math.max(most, ++now)
      await new Promise((resolve) => setImmediate(resolve))
      now--
    }
    await withBatch(server, { openBatch: opened(7), classifyChunk }, async (run) => {
      assert.deepEqual(await run.result(), { chunks: 7 })
      assert.deepEqual(taken.toSorted(), [0, 1, 2, 3, 4, 5, 6])
      assert.ok(most <= 2)
      assert.deepEqual(await run.query(batchProgressQuery), { chunks: 7, done: 7 })
      const { events } = await run.fetchHistory()
      const scheduled = events?.flatMap((event) => event.activityTaskScheduledEventAttributes ?? [])
      assert.deepEqual([...new Set(scheduled?.map(({ taskQueue }) => taskQueue?.name))], ['bulk'])
    })
  })

  it('ends at once where there is nothing to classify', async () => {
    await withBatch(server, { openBatch: opened(0) }, async (run) => {
      assert.deepEqual(await run.result(), { chunks: 0 })
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
      assert.deepEqual(await run.result(), { chunks: 3 })
      assert.ok(attempts > 5)
    })
  })

  it('fails by a chunk that can not be mended, and says why', async () => {
    const classifyChunk = () => Promise.reject(permanentFailure('no_model', 'No model is current.'))
    // One alone: the server skips no more time after a workflow that ends while an activity runs.
    await withBatch(server, { openBatch: opened(1), classifyChunk }, async (run) => {
      await assert.rejects(run.result(), (error) => {
        assert.ok(error instanceof WorkflowFailedError)
        assert.match(String(error.cause?.cause), /No model is current/)
        return true
      })
    })
  })

  it('fails where the batch is gone', async () => {
    const openBatch = () => Promise.reject(permanentFailure('batch_missing', 'Removed.'))
    await withBatch(server, { openBatch }, async (run) => {
      await assert.rejects(run.result(), { name: 'WorkflowFailedError' })
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
      assert.deepEqual(await run.query(batchProgressQuery), { chunks: 5, done: 0 })
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
