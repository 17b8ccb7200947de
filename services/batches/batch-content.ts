import type { Transaction } from 'kysely'
import { insertBatch, insertBatchChunk, listBatchResults } from '../../db/batches.js'
import type { Db } from '../../db/database.js'
import { type KeyRing, sealJson } from '../../db/key-ring.js'
import type { Database } from '../../db/schema/database.js'
import { batchChunkPlace } from '../../db/seal-places.js'
import { decodePredictions } from '../../engine/pool/predictions.js'
import type { Sample } from '../../engine/samples.js'
import type { Task } from '../../engine/tasks.js'
import type { Prediction } from '../../engine/model/text-model.js'

/** Items that one step takes: at this size Temporal's share of the time is small. */
export const itemsAChunk = 5_000
/** A run's history holds some ten events a chunk, and ends at 51,200. */
const maxChunks = 1_000
export const maxBatchItems = itemsAChunk * maxChunks

export interface NewBatch {
  readonly id: string
  readonly task: Task
  /** What stands beside a sample, an id for one, is kept with it. */
  readonly items: readonly Sample[]
}

/** Stores a batch in chunks, sealed. @throws RangeError for more than 5,000,000 items */
export async function storeBatch(
  trx: Transaction<Database>,
  keys: KeyRing,
  { id, task, items }: NewBatch,
): Promise<void> {
  if (items.length > maxBatchItems) throw new RangeError('A batch holds 5,000,000 items at most.')
  await insertBatch(trx, { id, task, items: items.length, chunk_size: itemsAChunk })
  for (let index = 0; index * itemsAChunk < items.length; index++) {
    const part = items.slice(index * itemsAChunk, (index + 1) * itemsAChunk)
    const content = sealJson(keys, part, batchChunkPlace('content', id, index))
    await insertBatchChunk(trx, { batchId: id, index, content })
  }
}

/** What one chunk was classified as. */
export interface ChunkResult {
  /** From 0; its first item is number index × 5,000 of the batch. */
  readonly index: number
  readonly modelVersion: string
  /** In the order of the items; undefined for one that could not be judged. */
  readonly predictions: readonly (Prediction | undefined)[]
}

/** The chunks that are done, in their order. */
export async function readBatchResults(
  db: Db,
  keys: KeyRing,
  batchId: string,
): Promise<ChunkResult[]> {
  const rows = await listBatchResults(db, batchId)
  return rows.flatMap(({ index, result, model_version: modelVersion }) => {
    if (result === null || modelVersion === null) return []
    const bytes = keys.open(result, batchChunkPlace('result', batchId, index))
    return [{ index, modelVersion, predictions: decodePredictions(bytes) }]
  })
}
