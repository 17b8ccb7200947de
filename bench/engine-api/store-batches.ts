import { randomUUID } from 'node:crypto'
import { storeBatch } from '../../services/batches/batch-content.js'
import { openModelStore } from '../../services/models/model-store.js'
import { embeddedDatabaseFolder, openEmbeddedDatabase } from '../../db/database.js'
import { createKeyRing } from '../../db/key-ring.js'
import { migrateToLatest } from '../../db/migrate.js'
import type { BenchRow } from '../research/engine/data/bench-row.js'
import type { Learned } from '../research/engine/judge.js'
import type { ProductSettings } from '../support/product.js'

export interface Batches {
  /** Rows of each batch. */
  readonly rows: number
  readonly count: number
  /** Repeated until there are enough rows. */
  readonly texts: readonly BenchRow[]
}

/** Puts a current model of texts and some batches into a database that nobody has opened. @returns their ids */
export async function storeBatches(
  settings: ProductSettings,
  { model, bytes }: Learned,
  { rows, count, texts }: Batches,
): Promise<readonly string[]> {
  const database = await openEmbeddedDatabase(embeddedDatabaseFolder(settings.DATA_DIR))
  try {
    await migrateToLatest(database.db)
    const { card } = model
    const store = openModelStore(database.db)
    const { id } = await store.add({ task: card.task, version: card.version, card, bytes })
    await store.promote(id)
    const keys = createKeyRing([settings.ENC_KEY])
    const items = Array.from({ length: rows }, (_, at) => ({
      text: texts[at % texts.length]?.sample.text ?? '',
    }))
    const ids = Array.from({ length: count }, () => randomUUID())
    for (const batchId of ids)
      await database.db
        .transaction()
        .execute((trx) => storeBatch(trx, keys, { id: batchId, task: 'texts', items }))
    return ids
  } finally {
    await database.close()
  }
}
