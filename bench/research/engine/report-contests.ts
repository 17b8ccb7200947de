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
  /** Where the aim of accuracy and macro-F1 is for these too. */
  readonly aimed: readonly Contest[]
  /** Where the calibration has an aim; elsewhere it is only printed. */
  readonly calibrated: readonly Contest[]
  /** Held beside, with no aim of their own. */
  readonly beside?: readonly Contest[]
  readonly ratios?: readonly Ratio[]
  readonly figures?: Readonly<Record<string, number>>
  readonly notes: readonly string[]
}

/** The report of a part that holds the engine beside the baseline. */
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
