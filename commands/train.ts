import { join } from 'node:path'
import { trainEmailModels } from '../activities/classification/train-email-models.js'
import { packageRoot } from '../package-root.js'
import { modelsFolder } from '../workers/run-workers.js'

/** Trains the e-mail models from the examples that ship, and says how good they are. */
export async function runTrain(say: (line: string) => void): Promise<void> {
  await trainEmailModels({
    examplesFolder: join(packageRoot, 'activities', 'classification', 'examples'),
    modelsFolder,
    onProgress: say,
  })
}
