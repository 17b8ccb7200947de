import {
  defineQuery,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
} from '@temporalio/workflow'
import type {
  BatchProgress,
  ClassifyBatchInput,
  ClassifyBatchResult,
} from '../activities/batches/batch.js'
import type { Activities } from '../activities/index.js'
import type { TaskQueue } from './task-queues.js'

/** How far the batch has come. */
export const batchProgressQuery = defineQuery<BatchProgress>('batchProgress')

/** Defects of ours, and sealed values that were changed: they fail the same way again. */
const defects = ['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError', 'DamagedSealError']

const bulk: TaskQueue = 'bulk'

const local = proxyLocalActivities<Activities>({
  summary: 'Look the batch up',
  startToCloseTimeout: '10 seconds',
  scheduleToCloseTimeout: '1 day',
  localRetryThreshold: '2 seconds',
  retry: {
    initialInterval: '200 ms',
    maximumInterval: '10 seconds',
    nonRetryableErrorTypes: defects,
  },
})

/** A chunk that fails has met the database or the machine, and outlasts that for a day. */
const remote = (chunk: number) =>
  proxyActivities<Activities>({
    summary: `Classify chunk ${chunk}`,
    taskQueue: bulk,
    startToCloseTimeout: '10 minutes',
    scheduleToCloseTimeout: '1 day',
    heartbeatTimeout: '10 seconds',
    retry: {
      initialInterval: '1 second',
      maximumInterval: '30 seconds',
      nonRetryableErrorTypes: defects,
    },
  })

/** One is classified while the next is read and the last is written. */
const atOnce = 2

/** Classifies a batch chunk by chunk; what is done stays done, however the rest ends. */
export async function classifyBatch({ batchId }: ClassifyBatchInput): Promise<ClassifyBatchResult> {
  let progress: BatchProgress = { chunks: 0, done: 0 }
  setHandler(batchProgressQuery, () => progress)
  const { chunks } = await local.openBatch({ batchId })
  progress = { chunks, done: 0 }
  let next = 0
  const takeChunks = async () => {
    while (next < chunks) {
      const chunk = next++
      await remote(chunk).classifyChunk({ batchId, chunk })
      progress = { chunks, done: progress.done + 1 }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, takeChunks))
  return { chunks }
}
