import { createModelDesk, type ModelDesk } from '../activities/models/model-desk.js'
import { decodeTaskModel } from '../activities/models/task-models.js'
import { loadShippedModels } from '../activities/models/shipped-models.js'
import type { Dependencies } from '../workers/dependencies.js'
import { modelsFolder } from '../workers/run-workers.js'

export async function openModelDesk({ database }: Dependencies): Promise<ModelDesk> {
  const shipped = await loadShippedModels(modelsFolder)
  return createModelDesk({
    db: database.db,
    shipped: shipped.map(({ card }) => card),
    decode: decodeTaskModel,
  })
}
