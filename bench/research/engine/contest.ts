import type { Estimate } from '../../../engine/evaluation/bootstrap.js'
import { evaluate } from '../../../engine/evaluation/evaluate.js'
import { percent, pointsWithin, probability } from '../../../engine/evaluation/format.js'
import type { JudgedRow } from '../../../engine/evaluation/judged-row.js'
import { type Ratio, round } from '../../support/report.js'

/** A comparison of the engine with the baseline on the same rows, as plain JSON. */
export interface Contest {
  /** The task, and what is special in this comparison. */
  readonly name: string
  readonly rows: number
  readonly accuracy: Pair
  readonly macroF1: Pair
  /** McNemar's. */
  readonly p: number
  readonly calibrationError: Estimate
}

interface Pair {
  readonly ours: number
  readonly baseline: number
  /** Ours minus the baseline's, with its paired 95 % interval. */
  readonly difference: Estimate
}

/** @throws where the rows are not the same in the same order */
export function hold(
  name: string,
  ours: readonly JudgedRow[],
  baseline: readonly JudgedRow[],
): Contest {
  const { rows, accuracy, macroF1, calibration, comparison } = evaluate(ours, baseline)
  if (comparison === null) throw new Error('There is nothing to compare with.')
  return {
    name,
    rows,
    accuracy: {
      ours: accuracy.value,
      baseline: comparison.accuracy.other,
      difference: comparison.accuracy.difference,
    },
    macroF1: {
      ours: macroF1.value,
      baseline: comparison.macroF1.other,
      difference: comparison.macroF1.difference,
    },
    p: comparison.mcnemar.p,
    calibrationError: calibration.error,
  }
}

/** More often right than the baseline, and not by chance. */
export const isAbove = ({ accuracy, p }: Contest): boolean =>
  accuracy.difference.value > 0 && p < 0.05

export const contestHead: readonly string[] = [
  'task',
  'rows',
  'accuracy',
  'baseline',
  'difference, points (95 %)',
  'macro-F1',
  'baseline',
  'difference, points (95 %)',
  'McNemar p',
  'calibration error (95 %)',
]

export const describeContest = (contest: Contest): readonly string[] => [
  contest.name,
  String(contest.rows),
  percent(contest.accuracy.ours),
  percent(contest.accuracy.baseline),
  pointsWithin(contest.accuracy.difference),
  percent(contest.macroF1.ours),
  percent(contest.macroF1.baseline),
  pointsWithin(contest.macroF1.difference),
  probability(contest.p),
  within(contest.calibrationError),
]

/** `0.012 (0.008 to 0.015)` */
export const within = ({ value, low, high }: Estimate): string =>
  `${value.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`

/** Below the baseline by no more than chance: the interval of the difference reaches 0. */
export function compareWithBaseline({ name, accuracy, macroF1 }: Contest): readonly Ratio[] {
  const reach = (figure: string, { difference }: Pair): Ratio => ({
    name: `${name}: ${figure} less the baseline’s, upper end, points`,
    value: round(difference.high * 100, 2),
    op: '>=',
    aim: 0,
  })
  return [reach('accuracy', accuracy), reach('macro-F1', macroF1)]
}

const calibrationAim = 0.03

export const judgeCalibration = (name: string, { value }: Estimate): Ratio => ({
  name: `${name}: calibration error`,
  value: round(value, 4),
  op: '<=',
  aim: calibrationAim,
})

export function listFigures(contest: Contest): Record<string, number> {
  const { name, accuracy, macroF1, p, calibrationError } = contest
  const figures = {
    accuracy: accuracy.ours,
    'baseline accuracy': accuracy.baseline,
    'accuracy difference': accuracy.difference.value,
    'accuracy difference, low': accuracy.difference.low,
    'accuracy difference, high': accuracy.difference.high,
    'macro-F1': macroF1.ours,
    'baseline macro-F1': macroF1.baseline,
    'macro-F1 difference': macroF1.difference.value,
    'macro-F1 difference, low': macroF1.difference.low,
    'macro-F1 difference, high': macroF1.difference.high,
    'McNemar p': p,
    'calibration error': calibrationError.value,
    'calibration error, low': calibrationError.low,
    'calibration error, high': calibrationError.high,
  }
  return Object.fromEntries(
    Object.entries(figures).map(([figure, value]) => [`${name}: ${figure}`, round(value, 5)]),
  )
}
