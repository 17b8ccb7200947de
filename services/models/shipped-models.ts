import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { defaultEmailModelFile } from '../../engine/default-email-model.js'
import type { ModelCard } from '../../engine/model/model-card.js'
import { decodeModelFile } from '../../engine/model/model-file.js'
import { packageRoot } from '../../config/package.js'

/** Models that the build trained from the shipped examples. */
export const modelsFolder = join(packageRoot, 'dist', 'models')

/** A default that ships with the package. */
export interface ShippedModel {
  readonly card: ModelCard
  readonly name: string
  readonly bytes: Buffer
}

/** @throws Error that names a file which is missing, damaged or of another version */
export async function loadShippedModels(folder: string): Promise<readonly ShippedModel[]> {
  const bytes = await readFile(join(folder, defaultEmailModelFile))
  const { card } = decodeModelFile(defaultEmailModelFile, bytes)
  return [{ card, name: defaultEmailModelFile, bytes }]
}
