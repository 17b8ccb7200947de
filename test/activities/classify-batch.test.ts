import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { ApplicationFailure } from '@temporalio/common'
import { sql } from 'kysely'
import type { ClassifyChunkInput } from '../../services/batches/batch.js'
import { createBatchActivities } from '../../activities/classify-batch.js'
import {
  itemsAChunk,
  maxBatchItems,
  readBatchResults,
  storeBatch,
} from '../../services/batches/batch-content.js'
import { createModelPool, type ModelPool } from '../../engine/pool/model-pool.js'
import type { Task } from '../../engine/tasks.js'
import { deleteBatch, listBatchResults } from '../../db/batches.js'
import { RunOverError } from '../../services/runs/run-over-error.js'
import type { Db } from '../../db/database.js'
import { createKeyRing, DamagedSealError } from '../../db/key-ring.js'
import { openTestDatabase } from '../support/database.js'
import { waitUntil } from '../support/wait-until.js'
import { newActivityEnvironment } from '../services/email-classification/test-classification.js'

/** The stub engine of the pool's own tests: more than ten characters are `long`. */
const threadFile = fileURLToPath(new URL('../engine/pool/test-thread.js', import.meta.url))

describe('batch activities', function () {
  this.timeout(60_000)
  const keys = createKeyRing(['a key of this test'])
  let db: Db
  let pool: ModelPool
  let version: string | undefined
  let asked: number

  before(() => {
    pool = createModelPool({ threads: 1, threadFile })
  })
  after(() => pool.close())
  beforeEach(async () => {
    ;({ db } = await openTestDatabase())
    version = 'v1'
    asked = 0
  })

  const activities = () =>
    createBatchActivities({
      db,
      keys,
      models: {
        find: (task) =>
          task !== 'texts' || version === undefined
            ? undefined
            : { version, bytes: Buffer.from(version) },
      },
      pool: {
        predictBytes: (...args) => {
          asked++
          return pool.predictBytes(...args)
        },
      },
    })
  const store = async (items: readonly { text: string; id?: number }[], task: Task = 'texts') => {
    const id = randomUUID()
    await db.transaction().execute((trx) => storeBatch(trx, keys, { id, task, items }))
    return id
  }
  const classify = (batchId: string, chunk: number, environment = newActivityEnvironment()) =>
    environment.run((input: ClassifyChunkInput) => activities().classifyChunk(input), {
      runId: batchId,
      chunk,
    })
  const failsAs = (type: string) => (error: unknown) =>
    error instanceof ApplicationFailure && error.nonRetryable === true && error.type === type

  it('classify a batch chunk by chunk, and rest sealed', async () => {
    const items = Array.from({ length: itemsAChunk + 2 }, (_, at) => ({
      id: at,
      text: at % 2 === 0 ? 'short' : 'rather a long text',
    }))
    const batchId = await store(items)
    assert.deepEqual(await activities().openBatch({ runId: batchId }), {
      items: itemsAChunk + 2,
      chunkSize: itemsAChunk,
      chunks: 2,
    })
    await classify(batchId, 1)
    const [second] = await readBatchResults(db, keys, batchId)
    assert.deepEqual(
      [second?.index, second?.modelVersion, second?.predictions.map((one) => one?.label)],
      [1, 'v1', ['short', 'long']],
    )
    await classify(batchId, 0)
    const [first] = await readBatchResults(db, keys, batchId)
    assert.equal(first?.predictions.length, itemsAChunk)
    assert.ok(first.predictions.every((one, at) => one?.label === (at % 2 ? 'long' : 'short')))
    const rows = await db.selectFrom('batch_chunks').select(['content', 'result']).execute()
    for (const { content, result } of rows)
      for (const bytes of [content, result!])
        for (const word of ['short', 'text']) assert.ok(!bytes.includes(word))
  })

  it('leave a chunk alone that is done', async () => {
    const batchId = await store([{ text: 'a' }])
    await classify(batchId, 0)
    version = 'v2'
    await classify(batchId, 0)
    assert.equal(asked, 1)
    assert.equal((await readBatchResults(db, keys, batchId))[0]?.modelVersion, 'v1')
  })

  it('take the model that is current, each time', async () => {
    const [one, two] = [await store([{ text: 'a' }]), await store([{ text: 'a' }])]
    await classify(one, 0)
    version = 'v2'
    await classify(two, 0)
    assert.equal((await readBatchResults(db, keys, two))[0]?.modelVersion, 'v2')
  })

  it('fail for good where the task has no model, or the batch is gone', async () => {
    const batchId = await store([{ text: 'a' }], 'transactions')
    await assert.rejects(classify(batchId, 0), failsAs('no_model'))
    await db.transaction().execute((trx) => deleteBatch(trx, batchId))
    await assert.rejects(classify(batchId, 0), RunOverError)
    assert.equal(await activities().openBatch({ runId: batchId }), null)
  })

  it('open no chunk that was put in the place of another, nor its result', async () => {
    const batchId = await store(Array.from({ length: itemsAChunk + 1 }, () => ({ text: 'a' })))
    await classify(batchId, 0)
    await classify(batchId, 1)
    await sql`update batch_chunks set result = (select result from batch_chunks where index = 1)
      where index = 0`.execute(db)
    await assert.rejects(readBatchResults(db, keys, batchId), DamagedSealError)
    await sql`update batch_chunks set result = null,
      content = (select content from batch_chunks where index = 1) where index = 0`.execute(db)
    await assert.rejects(classify(batchId, 0), DamagedSealError)
  })

  it('write nothing where they are cancelled, and can be tried again', async () => {
    const batchId = await store([{ text: 'sleep' }, { text: 'a' }])
    const environment = newActivityEnvironment()
    const running = classify(batchId, 0, environment)
    await waitUntil('it has begun', () => asked === 1)
    environment.cancel()
    await assert.rejects(running)
    assert.equal((await listBatchResults(db, batchId))[0]?.result, null)
    const other = await store([{ text: 'a' }])
    await classify(other, 0)
  })

  it('take no more items than a run can bear', async () => {
    const items = { length: maxBatchItems + 1 } as { text: string }[]
    await assert.rejects(store(items), RangeError)
  })
})
