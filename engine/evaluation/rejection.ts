import type { Estimate } from './bootstrap.js'
import type { JudgedRow } from './judged-row.js'
import { wilson } from './proportion.js'
import { divide } from './tally.js'

/** How many rows are right when the least confident ones are given to a person. */
export interface RejectionPoint {
  /** The share of rows given away, 0 to 0.5. */
  readonly rejected: number
  readonly kept: number
  readonly accuracy: number
}

/** What the model's own bar for `needs_review` does. */
export interface ReviewOutcome {
  /** Rows that no person is asked to look at. */
  readonly kept: number
  readonly keptShare: number
  /** The accuracy of those rows. */
  readonly keptAccuracy: Estimate
  readonly reviewed: number
  readonly reviewedAccuracy: Estimate
}

const steps = Array.from({ length: 11 }, (_, step) => step / 20)

/** The accuracy-rejection curve (Nadeem, Zucker and Hanczar 2009) in steps of 5 % of the rows. */
export function measureRejection(rows: readonly JudgedRow[]): readonly RejectionPoint[] {
  const sorted = rows.toSorted((left, right) => right.confidence - left.confidence)
  const hitsUpTo = [0]
  sorted.forEach((row, at) => hitsUpTo.push((hitsUpTo[at] ?? 0) + (isRight(row) ? 1 : 0)))
  return steps.map((rejected) => {
    const kept = rows.length - Math.floor(rejected * rows.length)
    return { rejected, kept, accuracy: divide(hitsUpTo[kept] ?? 0, kept) }
  })
}

export function measureReview(rows: readonly JudgedRow[]): ReviewOutcome {
  const kept = rows.filter(({ needsReview }) => !needsReview)
  const reviewed = rows.filter(({ needsReview }) => needsReview)
  return {
    kept: kept.length,
    keptShare: divide(kept.length, rows.length),
    keptAccuracy: shareRight(kept),
    reviewed: reviewed.length,
    reviewedAccuracy: shareRight(reviewed),
  }
}

export const isRight = ({ truth, predicted }: JudgedRow): boolean => truth === predicted

/** With its 95 % score interval. */
export const shareRight = (rows: readonly JudgedRow[]): Estimate =>
  wilson(rows.filter(isRight).length, rows.length)
