import { join } from 'node:path'
import { packageRoot } from '../../package-root.js'

const classification = join(packageRoot, 'activities', 'classification')

/** Where the embedding, the mail examples and the models made of them ship. */
export const embeddingFolder = join(classification, 'embedding')
export const examplesFolder = join(classification, 'examples')
export const modelsFolder = join(packageRoot, 'dist', 'models')
