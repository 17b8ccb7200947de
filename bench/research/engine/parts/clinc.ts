import { evaluate } from '../../../../engine/evaluation/evaluate.js'
import { round } from '../../../support/report.js'
import { judgeByBaseline } from '../baseline.js'
import { hold, judgeCalibration, within } from '../contest.js'
import { thin } from '../data/bench-row.js'
import { readClinc } from '../data/clinc.js'
import { judgeRows, learn } from '../judge.js'
import { reportContests } from '../report-contests.js'
import { splitRows } from '../rows-file.js'
import type { PartReport, Setting } from '../setting.js'

/** clinc150's intents, with and without the embedding. Many of the learned texts were in the embedding's fit. */
export async function measureClinc(setting: Setting): Promise<PartReport> {
  const clinc = await readClinc(setting.shared)
  const train = thin(clinc.train, setting.maxRows)
  const validation = thin(clinc.validation, setting.maxRows)
  const baseline = await judgeByBaseline(setting, splitRows(train, validation))
  const measured = [
    { name: 'clinc150', embedding: setting.embedding },
    { name: 'clinc150 without dense features', embedding: undefined },
  ].map(({ name, embedding }) => {
    const { model, heldOut } = learn(name, 'texts', train, embedding)
    return {
      contest: hold(name, judgeRows(model, validation), baseline),
      outOfFold: {
        name: `${name}, train part out of fold`,
        error: evaluate(heldOut).calibration.error,
      },
    }
  })
  const contests = measured.map(({ contest }) => contest)
  const outOfFold = measured.map((one) => one.outOfFold)
  return reportContests({
    aimed: contests,
    calibrated: contests,
    ratios: outOfFold.map(({ name, error }) => judgeCalibration(name, error)),
    figures: Object.fromEntries(
      outOfFold.map(({ name, error }) => [`${name}: calibration error`, round(error.value, 5)]),
    ),
    notes: [
      'Learned from the train part, judged on the validation part; neither part’s out-of-scope texts are in it.',
      ...outOfFold.map(({ name, error }) => `Calibration error, ${name}: ${within(error)}.`),
    ],
  })
}
