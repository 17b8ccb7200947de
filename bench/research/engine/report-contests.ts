import type { Ratio } from '../../support/report.js'
import {
  compareWithBaseline,
  type Contest,
  contestHead,
  describeContest,
  judgeCalibration,
  listFigures,
} from './contest.js'
import type { PartReport } from './setting.js'

interface More {
  /** Whether the aims of accuracy and macro-F1 hold for these too. */
  readonly aimed: readonly Contest[]
  /** Whether the calibration has an aim; otherwise it is only printed. */
  readonly calibrated: readonly Contest[]
  /** Printed beside, without an aim. */
  readonly beside?: readonly Contest[]
  readonly ratios?: readonly Ratio[]
  readonly figures?: Readonly<Record<string, number>>
  readonly notes: readonly string[]
}

/** Makes the report of a part that compares the engine with the baseline. */
export function reportContests({ aimed, calibrated, beside = [], ...more }: More): PartReport {
  const contests = [...aimed, ...beside]
  return {
    table: [contestHead, ...contests.map(describeContest)],
    notes: [
      ...more.notes,
      'Differences are ours less the baseline’s with their paired 95 % bootstrap interval; calibration error is that of the top label in 15 bins of equal mass. The aim is an upper end that is not below 0.',
    ],
    ratios: [
      ...aimed.flatMap(compareWithBaseline),
      ...calibrated.map((contest) => judgeCalibration(contest.name, contest.calibrationError)),
      ...(more.ratios ?? []),
    ],
    figures: {
      ...Object.fromEntries(contests.flatMap((contest) => Object.entries(listFigures(contest)))),
      ...more.figures,
    },
    contests,
  }
}
