import { defineQuery, setHandler } from '@temporalio/workflow'
import type {
  BatchProgress,
  ClassifyBatchInput,
  ClassifyBatchResult,
} from '../services/batches/batch.js'
import { local, remote } from './activity-proxies.js'

/** How far the batch has come. */
export const batchProgressQuery = defineQuery<BatchProgress>('batchProgress')

const onBulk = (chunk: number) =>
  remote({
    summary: `Classify chunk ${chunk}`,
    startToCloseTimeout: '10 minutes',
    taskQueue: 'bulk',
  })

/** One is classified while the next is read and the last is written. */
const atOnce = 2

/** Classifies a batch chunk by chunk; what is done stays done, however the rest ends. */
export async function classifyBatch({ batchId }: ClassifyBatchInput): Promise<ClassifyBatchResult> {
  let progress: BatchProgress = { chunks: 0, done: 0 }
  setHandler(batchProgressQuery, () => progress)
  const { chunks } = await local('Look the batch up').openBatch({ batchId })
  progress = { chunks, done: 0 }
  let next = 0
  const takeChunks = async () => {
    while (next < chunks) {
      const chunk = next++
      await onBulk(chunk).classifyChunk({ batchId, chunk })
      progress = { chunks, done: progress.done + 1 }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, takeChunks))
  return { chunks }
}
