import { cancellationSignal } from '@temporalio/activity'
import { findBatch, findBatchChunk, recordBatchChunk } from '../db/batches.js'
import type { Db } from '../db/database.js'
import type { KeyRing } from '../db/key-ring.js'
import { batchChunkPlace } from '../db/seal-places.js'
import type { ModelPool } from '../engine/pool/model-pool.js'
import { permanentFailure } from './failures.js'
import type { TaskModels } from '../services/models/task-models.js'
import { withHeartbeat } from './with-heartbeat.js'
import type {
  ClassifyBatchInput,
  ClassifyChunkInput,
  OpenedBatch,
} from '../services/batches/batch.js'

export interface BatchActivityDependencies {
  readonly db: Db
  readonly keys: KeyRing
  readonly models: Pick<TaskModels, 'find'>
  readonly pool: Pick<ModelPool, 'predictBytes'>
}

/** The steps of a batch. Idempotent by (batch, chunk): a chunk that is done stays as it is. */
export function createBatchActivities(dependencies: BatchActivityDependencies) {
  const { db, keys, models, pool } = dependencies
  return {
    async openBatch({ batchId }: ClassifyBatchInput): Promise<OpenedBatch> {
      const batch = await findBatch(db, batchId)
      if (batch === undefined) throw batchMissing()
      return { chunks: Math.ceil(batch.items / batch.chunk_size) }
    },

    /**
     * Classifies the items of one chunk with the model that is current now. The bytes go to a thread as
     * they come and come back as they rest: this thread, which may serve requests, only seals and opens.
     */
    async classifyChunk({ batchId, chunk }: ClassifyChunkInput): Promise<void> {
      const row = await findBatchChunk(db, batchId, chunk)
      if (row === undefined) throw batchMissing()
      if (row.is_done) return
      const model = models.find(row.task)
      if (model === undefined) throw noModel(row.task)
      const named = { name: `${row.task} ${model.version}`, bytes: model.bytes }
      const items = keys.open(row.content, batchChunkPlace('content', batchId, chunk))
      const signal = cancellationSignal()
      const result = await withHeartbeat(() => pool.predictBytes(named, items, { signal }))
      await recordBatchChunk(db, {
        batchId,
        index: chunk,
        result: keys.seal(result, batchChunkPlace('result', batchId, chunk)),
        modelVersion: model.version,
      })
    },
  }
}

const batchMissing = () => permanentFailure('batch_missing', 'The batch was removed.')

const noModel = (task: string) =>
  permanentFailure('no_model', `No model of ${task} is current: train one and promote it.`)
