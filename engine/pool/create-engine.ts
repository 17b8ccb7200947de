import { embeddingFolder } from '../data-folders.js'
import { type Embedding, loadEmbedding } from '../embedding/embedding.js'
import { crossValidateModel, learnModel } from '../learning/learn-model.js'
import { decodeModelFile } from '../model/model-file.js'
import { takesEmbedding } from '../text/recipes.js'
import type { Task } from '../tasks.js'
import { decodeModel } from '../model/text-model.js'
import type { Engine } from './engine.js'

/** The engine as threads use it. The embedding is read when a model or a task first needs it. */
export function createEngine(): Engine {
  let loading: Promise<Embedding> | undefined
  const load = () => (loading ??= loadEmbedding(embeddingFolder))
  const loadFor = async (task: Task) => (takesEmbedding(task) ? await load() : undefined)
  return {
    open: async (name, bytes) => {
      const { dimensions } = decodeModelFile(name, bytes)
      return decodeModel(name, bytes, dimensions > 0 ? await load() : undefined)
    },
    learn: async (input, onProgress) =>
      learnModel({ ...input, embedding: await loadFor(input.task), onProgress }),
    crossValidate: async (input, onProgress) =>
      crossValidateModel({ ...input, embedding: await loadFor(input.task), onProgress }),
  }
}
