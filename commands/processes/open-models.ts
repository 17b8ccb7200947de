import { createModelPool } from '../../engine/pool/model-pool.js'
import { createModelService, type ModelService } from '../../services/models/model-service.js'
import { loadShippedModels } from '../../services/models/shipped-models.js'
import { checkTaskModel } from '../../services/models/task-models.js'
import type { Dependencies } from './dependencies.js'
import { modelsFolder } from '../../workers/run-workers.js'

/** Its threads live while a model is looked at, which is rare: a pool of its own costs nothing meanwhile. */
export async function openModelService({ database }: Dependencies): Promise<ModelService> {
  const shipped = await loadShippedModels(modelsFolder)
  const pool = createModelPool({ threads: 1, idleTimeoutMs: 1_000 })
  return createModelService({
    db: database.db,
    shipped: shipped.map(({ card }) => card),
    readCard: (model) => pool.readCard(model),
    check: (task, model) => checkTaskModel(task, model, pool),
  })
}
