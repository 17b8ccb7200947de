import { trainDefaultEmailModel, type TrainDefaultReport } from '../engine/default-email-model.js'
import { examplesFolder } from '../engine/data-folders.js'
import { writeMeasuredEmailModel } from '../engine/measured-email-model.js'
import { modelsFolder } from '../services/models/shipped-models.js'

/**
 * Makes the mail model that ships from the examples that ship, keeps beside them what it measured, and says how good it
 * is.
 */
export async function runTrain(say: (line: string) => void): Promise<void> {
  let told = 0
  const report = await trainDefaultEmailModel({
    examplesFolder,
    modelsFolder,
    onProgress: (message, share) => {
      if (share < told) return
      told += 0.2
      say(`${message}: ${percent(share)}`)
    },
  })
  await writeMeasuredEmailModel(report.measured)
  for (const line of describe(report)) say(line)
}

function describe({ card, heldOut }: TrainDefaultReport): string[] {
  const { all, languages, calibrationError } = card.quality
  const byLanguage = languages
    .map(({ language, accuracy }) => `${language} ${percent(accuracy)}`)
    .join(', ')
  return [
    `${card.version}: ${card.examples} examples, 5-fold accuracy ${percent(all.accuracy)} (${byLanguage}), macro-F1 ${percent(all.macroF1)}, calibration error ${percent(calibrationError)}`,
    ...(heldOut === undefined
      ? []
      : [
          `${heldOut.examples} examples by another hand: accuracy ${percent(heldOut.categoryAccuracy)}, on the hard half ${percent(heldOut.hardCategoryAccuracy)}; ${percent(heldOut.reviewShare)} go to a person, the rest is right in ${percent(heldOut.unreviewedCategoryAccuracy)}`,
        ]),
  ]
}

const percent = (share: number) => `${(share * 100).toFixed(1)} %`
