import type { Selectable, Transaction } from 'kysely'
import type { Db } from './database.js'
import { runInsertion } from './runs.js'
import type { BatchChunksTable, BatchesTable } from './schema/batches.js'
import type { Database } from './schema/database.js'
import type { Sealed } from './sealed.js'

export type BatchRow = Selectable<BatchesTable>

/** One chunk as a step needs it. */
export type BatchChunkRow = Pick<Selectable<BatchChunksTable>, 'content'> &
  Pick<BatchRow, 'task'> & { readonly is_done: boolean }

/** Names the runs that classify many texts. */
export const batchKind = 'batch'

/** Inserts a run of its kind and what it works on; its chunks come after. */
export async function insertBatch(trx: Transaction<Database>, batch: BatchRow): Promise<void> {
  await trx
    .with('run', (creator) =>
      runInsertion(creator, { id: batch.id, kind: batchKind, total: batch.items }),
    )
    .insertInto('batches')
    .values(batch)
    .execute()
}

/** @param chunk its content is JSON */
export async function insertBatchChunk(
  trx: Transaction<Database>,
  chunk: { readonly batchId: string; readonly index: number; readonly content: Sealed },
): Promise<void> {
  const { batchId, index, content } = chunk
  await trx.insertInto('batch_chunks').values({ batch_id: batchId, index, content }).execute()
}

/** What a workflow works on; undefined where the run is gone or over. */
export async function findOpenBatch(db: Db, id: string): Promise<BatchRow | undefined> {
  return await db
    .selectFrom('batches')
    .innerJoin('runs', 'runs.id', 'batches.id')
    .selectAll('batches')
    .where('batches.id', '=', id)
    .where('runs.is_open', '=', true)
    .executeTakeFirst()
}

export async function findBatchChunk(
  db: Db,
  batchId: string,
  index: number,
): Promise<BatchChunkRow | undefined> {
  return await db
    .selectFrom('batch_chunks')
    .innerJoin('batches', 'batches.id', 'batch_chunks.batch_id')
    .select((eb) => [
      'batches.task',
      'batch_chunks.content',
      eb('batch_chunks.result', 'is not', null).as('is_done'),
    ])
    .where('batch_chunks.batch_id', '=', batchId)
    .where('batch_chunks.index', '=', index)
    .$narrowType<{ is_done: boolean }>()
    .executeTakeFirst()
}

/** Idempotent by (batch, index): the first result stays. */
export async function recordBatchChunk(
  db: Db,
  chunk: {
    readonly batchId: string
    readonly index: number
    readonly result: Sealed
    readonly modelVersion: string
  },
): Promise<void> {
  await db
    .updateTable('batch_chunks')
    .set({ result: chunk.result, model_version: chunk.modelVersion })
    .where('batch_id', '=', chunk.batchId)
    .where('index', '=', chunk.index)
    .where('result', 'is', null)
    .execute()
}

/** In their order; `result` is null where a chunk is not done. */
export async function listBatchResults(
  db: Db,
  batchId: string,
): Promise<Pick<Selectable<BatchChunksTable>, 'index' | 'result' | 'model_version'>[]> {
  return await db
    .selectFrom('batch_chunks')
    .select(['index', 'result', 'model_version'])
    .where('batch_id', '=', batchId)
    .orderBy('index')
    .execute()
}

/** Its chunks go with it; the run's own row stays. */
export async function deleteBatch(trx: Transaction<Database>, id: string): Promise<void> {
  await trx.deleteFrom('batches').where('id', '=', id).execute()
}
