import { createModelPool } from '../activities/classification/pool/model-pool.js'
import { createModelDesk, type ModelDesk } from '../activities/models/model-desk.js'
import { loadShippedModels } from '../activities/models/shipped-models.js'
import { checkTaskModel } from '../activities/models/task-models.js'
import type { Dependencies } from '../workers/dependencies.js'
import { modelsFolder } from '../workers/run-workers.js'

/** Its threads live while a model is looked at, which is rare: a pool of its own costs nothing meanwhile. */
export async function openModelDesk({ database }: Dependencies): Promise<ModelDesk> {
  const shipped = await loadShippedModels(modelsFolder)
  const pool = createModelPool({ threads: 1, idleTimeoutMs: 1_000 })
  return createModelDesk({
    db: database.db,
    shipped: shipped.map(({ card }) => card),
    readCard: (model) => pool.readCard(model),
    check: (task, model) => checkTaskModel(task, model, pool),
  })
}
