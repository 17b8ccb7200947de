import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeModel, modelFileName } from '../classification/model-file.js'
import type { ModelCard } from '../classification/pool/engine.js'

/** A default that ships with the package. */
export interface ShippedModel {
  readonly card: ModelCard
  readonly bytes: Buffer
}

/** @throws Error that names a file which is missing, damaged or of another version */
export async function loadShippedModels(folder: string): Promise<readonly ShippedModel[]> {
  const name = modelFileName('category')
  const bytes = await readFile(join(folder, name))
  const { facts } = decodeModel(name, bytes)
  const card: ModelCard = {
    task: 'email',
    version: facts.modelVersion,
    labels: facts.labels,
    made: new Date(0).toISOString(),
    examples: facts.quality.all.examples,
    examplesSha256: facts.examplesSha256,
    sources: [],
    quality: facts.quality,
  }
  return [{ card, bytes }]
}
