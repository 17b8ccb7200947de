import { evaluate } from '../../../../engine/evaluation/evaluate.js'
import type { JudgedRow } from '../../../../engine/evaluation/judged-row.js'
import { round } from '../../../support/report.js'
import { judgeByBaseline } from '../baseline.js'
import { type Contest, hold, judgeCalibration, within } from '../contest.js'
import { type BenchRow, textRow, thin } from '../data/bench-row.js'
import { isUnseenMerchant, readCeaps } from '../data/ceaps.js'
import { judgeRows, learn } from '../judge.js'
import { reportContests } from '../report-contests.js'
import { splitRows } from '../rows-file.js'
import type { PartReport, Setting } from '../setting.js'

/** Expenses of 2020 learned from, those of 2021 judged. */
export async function measureCeaps(setting: Setting): Promise<PartReport> {
  const { python, shared, embedding, maxRows } = setting
  const learned = thin(await readCeaps(python, shared, 2020), maxRows)
  const judged = thin(await readCeaps(python, shared, 2021), maxRows)
  const baseline = await judgeByBaseline(setting, splitRows(learned, judged))
  const unseen = judged.map(isUnseenMerchant(learned))
  const contestsOf = (name: string, ours: readonly JudgedRow[]): [Contest, Contest] => {
    const own = <T>(rows: readonly T[]) => rows.filter((_, at) => unseen[at])
    return [
      hold(`ceaps${name}`, ours, baseline),
      hold(`ceaps${name}, unseen merchants`, own(ours), own(baseline)),
    ]
  }
  const fields = learn('ceaps', 'transactions', learned, embedding)
  const string = learn('ceaps as one string', 'texts', learned.map(asString), embedding)
  const [all, unseenOnly] = contestsOf('', judgeRows(fields.model, judged))
  const ofString = judgeRows(string.model, judged.map(asString))
  const outOfFold = evaluate(fields.heldOut).calibration.error
  return reportContests({
    aimed: [all, unseenOnly, ...contestsOf(' as one string', ofString)],
    calibrated: [all],
    ratios: [judgeCalibration('ceaps, 2020 out of fold', outOfFold)],
    figures: { 'ceaps, 2020 out of fold: calibration error': round(outOfFold.value, 5) },
    notes: [
      'Learned from 2020, judged on 2021, by merchant, amount and date: the baseline gets them as one string, the engine’s transactions task as fields, the same information. “As one string”: the engine’s texts task on the baseline’s very string.',
      'Unseen: the merchant, letters and digits alone and without accents, is in no row of 2020.',
      `Calibration error, 2020 out of fold: ${within(outOfFold)}.`,
    ],
  })
}

const asString = ({ sample, baselineText }: BenchRow): BenchRow =>
  textRow(baselineText, sample.label)
