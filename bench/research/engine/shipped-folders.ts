import { join } from 'node:path'
import { packageRoot } from '../../../config/package.js'

/** Where the models that the build made lie. */
export const modelsFolder = join(packageRoot, 'dist', 'models')
