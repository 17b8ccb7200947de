import { Client, Connection } from '@temporalio/client'
import { createDataConverter } from '../../services/adapters/payload-codec.js'
import { createKeyRing } from '../../db/key-ring.js'
import { classifyBatchWorkflow, type RunWorkflow } from '../../workflow-definitions.js'
import { runWorkflowId } from '../../workflow-ids.js'
import type { TaskQueue } from '../../workflows/task-queues.js'
import type { RunningProduct } from '../support/product.js'
import type { Later } from '../support/with-cleanup.js'

const taskQueue: TaskQueue = 'interactive'

/** Starts batches as the product will. @returns the function that runs one to its end */
export async function openBatchRunner(
  { temporalAddress }: RunningProduct,
  encryptionKey: string,
  later: Later,
): Promise<(batchId: string) => Promise<void>> {
  const connection = await Connection.connect({ address: temporalAddress })
  later(() => connection.close())
  const dataConverter = createDataConverter(createKeyRing([encryptionKey]))
  const client = new Client({ connection, dataConverter })
  return async (batchId) => {
    const options = { taskQueue, workflowId: runWorkflowId(classifyBatchWorkflow, batchId) }
    const { outcome } = await client.workflow.execute<NonNullable<RunWorkflow['shape']>>(
      classifyBatchWorkflow.type,
      { ...options, args: [{ runId: batchId }] },
    )
    if (outcome !== 'completed') throw new Error(`A batch ended as ${outcome}.`)
  }
}
