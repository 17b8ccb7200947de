import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import {
  deleteBatch,
  findOpenBatch,
  findBatchChunk,
  insertBatch,
  insertBatchChunk,
  listBatchResults,
  recordBatchChunk,
} from '../../db/batches.js'
import { recordEnd } from '../../db/run-progress.js'
import type { Db } from '../../db/database.js'
import { asSealed } from '../../db/sealed.js'
import { openTestDatabase } from '../support/database.js'

describe('batches', () => {
  let db: Db
  let id: string

  beforeEach(async () => {
    ;({ db } = await openTestDatabase())
    id = randomUUID()
    await db.transaction().execute(async (trx) => {
      await insertBatch(trx, { id, task: 'texts', items: 3, chunk_size: 2 })
      for (const index of [0, 1])
        await insertBatchChunk(trx, { batchId: id, index, content: asSealed(Buffer.of(index)) })
    })
  })

  const record = (index: number, text: string, modelVersion: string) => {
    const result = asSealed(Buffer.from(text))
    return recordBatchChunk(db, { batchId: id, index, result, modelVersion })
  }

  it('are found with their chunks, done or not', async () => {
    assert.deepEqual(await findOpenBatch(db, id), { id, task: 'texts', items: 3, chunk_size: 2 })
    const chunk = { task: 'texts', content: Buffer.of(1), is_done: false }
    assert.deepEqual(await findBatchChunk(db, id, 1), chunk)
    await record(1, 'result', 'm1')
    assert.deepEqual(await findBatchChunk(db, id, 1), { ...chunk, is_done: true })
    assert.equal(await findBatchChunk(db, id, 2), undefined)
    assert.equal(await findOpenBatch(db, randomUUID()), undefined)
    await recordEnd(db, id, { status: 'completed' })
    assert.equal(await findOpenBatch(db, id), undefined)
  })

  it('keep the first result of a chunk, whoever comes second', async () => {
    await record(1, 'first', 'm1')
    await record(1, 'second', 'm2')
    assert.deepEqual(await listBatchResults(db, id), [
      { index: 0, result: null, model_version: null },
      { index: 1, result: Buffer.from('first'), model_version: 'm1' },
    ])
  })

  it('take their chunks with them', async () => {
    await db.transaction().execute((trx) => deleteBatch(trx, id))
    assert.deepEqual(await listBatchResults(db, id), [])
    assert.deepEqual(await db.selectFrom('batch_chunks').selectAll().execute(), [])
  })
})
