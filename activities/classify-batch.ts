import { cancellationSignal } from '@temporalio/activity'
import { findOpenBatch, findBatchChunk, recordBatchChunk } from '../db/batches.js'
import type { Db } from '../db/database.js'
import type { KeyRing } from '../db/key-ring.js'
import { batchChunkPlace } from '../db/seal-places.js'
import type { BatchError } from '../db/schema/batches.js'
import type { ModelPool } from '../engine/pool/model-pool.js'
import { failuresOf } from './failures.js'
import type { TaskModels } from '../services/models/task-models.js'
import { RunOverError } from '../services/runs/run-over-error.js'
import type { RunInput } from '../workflow-definitions.js'
import { withHeartbeat } from './with-heartbeat.js'
import type { ClassifyChunkInput, OpenedBatch } from '../services/batches/batch.js'

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
    /** The first step: null where the run is over, so that nothing is done twice. */
    async openBatch({ runId }: RunInput): Promise<OpenedBatch | null> {
      const batch = await findOpenBatch(db, runId)
      if (batch === undefined) return null
      const { items, chunk_size: chunkSize } = batch
      return { items, chunkSize, chunks: Math.ceil(items / chunkSize) }
    },

    /**
     * Classifies the items of one chunk with the model that is current now. The bytes go to a thread as
     * they come and come back as they rest: this thread, which may serve requests, only seals and opens.
     */
    async classifyChunk({ runId, chunk }: ClassifyChunkInput): Promise<void> {
      const row = await findBatchChunk(db, runId, chunk)
      if (row === undefined) throw new RunOverError()
      if (row.is_done) return
      const model = models.find(row.task)
      if (model === undefined) throw noModel(row.task)
      const named = { name: `${row.task} ${model.version}`, bytes: model.bytes }
      const items = keys.open(row.content, batchChunkPlace('content', runId, chunk))
      const signal = cancellationSignal()
      const result = await withHeartbeat(() => pool.predictBytes(named, items, { signal }))
      await recordBatchChunk(db, {
        batchId: runId,
        index: chunk,
        result: keys.seal(result, batchChunkPlace('result', runId, chunk)),
        modelVersion: model.version,
      })
    },
  }
}

const noModel = (task: string) =>
  failuresOf<BatchError>()('no_model', `No model of ${task} is current: train one and promote it.`)
