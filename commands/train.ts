import { join } from 'node:path'
import {
  trainEmailModels,
  type TrainEmailModelsReport,
} from '../activities/classification/train-email-models.js'
import { packageRoot } from '../package-root.js'
import { modelsFolder } from '../workers/run-workers.js'

export const examplesFolder = join(packageRoot, 'activities', 'classification', 'examples')

/** Trains the e-mail models from the examples that ship, and says how good they are. */
export async function runTrain(say: (line: string) => void): Promise<void> {
  const report = await trainEmailModels({ examplesFolder, modelsFolder, onProgress: say })
  for (const line of describe(report)) say(line)
}

function describe({ modelVersion, examples, quality, heldOut }: TrainEmailModelsReport): string[] {
  const { all, pt, en } = quality.category
  return [
    `${modelVersion}: ${examples} examples, 5-fold accuracy ${percent(all.accuracy)} (pt ${percent(pt.accuracy)}, en ${percent(en.accuracy)}), macro-F1 ${percent(all.macroF1)}`,
    ...(heldOut === undefined
      ? []
      : [
          `${heldOut.examples} examples by another hand: accuracy ${percent(heldOut.categoryAccuracy)}, on the hard half ${percent(heldOut.hardCategoryAccuracy)}; ${percent(heldOut.reviewShare)} go to a person, the rest is right in ${percent(heldOut.unreviewedCategoryAccuracy)}`,
        ]),
  ]
}

const percent = (share: number) => `${(share * 100).toFixed(1)} %`
