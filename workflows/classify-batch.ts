import type { BatchStep } from '../db/schema/batches.js'
import type { OpenedBatch } from '../services/batches/batch.js'
import { classifyBatchWorkflow, type RunInput, type RunResult } from '../workflow-definitions.js'
import { local, remote } from './activity-proxies.js'
import { asRun } from './as-run.js'

const classifyChunk = (chunk: number) =>
  remote({
    summary: `Classify chunk ${chunk}`,
    startToCloseTimeout: '10 minutes',
    taskQueue: 'bulk',
  })

/** One is classified while the next is read and the last is written. */
const maxChunksAtOnce = 2

/** Classifies a batch chunk by chunk; what is done stays done, however the rest ends. */
export function classifyBatch(input: RunInput): Promise<RunResult> {
  return asRun<BatchStep, OpenedBatch>({
    workflow: classifyBatchWorkflow,
    input,
    open: (run) => local('Look the batch up').openBatch(run),
    work: async ({ runId, at }, { items, chunkSize, chunks }) => {
      let next = 0
      let doneChunks = 0
      const report = () => {
        const done = Math.min(items, doneChunks * chunkSize)
        at('classifying', Math.floor(5 + (90 * doneChunks) / Math.max(1, chunks)), {
          done,
          total: items,
        })
      }
      const takeChunks = async () => {
        while (next < chunks) {
          const chunk = next++
          await classifyChunk(chunk).classifyChunk({ runId, chunk })
          doneChunks++
          report()
        }
      }
      report()
      await Promise.all(Array.from({ length: maxChunksAtOnce }, takeChunks))
    },
  })
}
