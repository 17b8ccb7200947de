import { groupBy } from './group-by.js'
import type { JudgedRow } from './judged-row.js'

export interface Confusion {
  readonly truth: string
  readonly predicted: string
  readonly count: number
}

/** Counts which label was confused with which, the most frequent first. */
export function countConfusions(rows: readonly JudgedRow[]): readonly Confusion[] {
  const wrong = rows.filter(({ truth, predicted }) => truth !== predicted)
  const byPair = groupBy(wrong, ({ truth, predicted }) => JSON.stringify([truth, predicted]))
  return [...byPair]
    .flatMap(([pair, own]) => own.slice(0, 1).map((row) => ({ pair, row, count: own.length })))
    .toSorted((left, right) => right.count - left.count || (left.pair < right.pair ? -1 : 1))
    .map(({ row: { truth, predicted }, count }) => ({ truth, predicted, count }))
}
