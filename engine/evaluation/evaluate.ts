import { bootstrap, type Estimate } from './bootstrap.js'
import { type Calibration, measureCalibration } from './calibration.js'
import { compare, type Comparison } from './compare.js'
import { type Confusion, countConfusions } from './confusions.js'
import { type EncodedRows, encodeRows } from './encode-rows.js'
import { groupBy } from './group-by.js'
import type { JudgedRow } from './judged-row.js'
import {
  measureRejection,
  measureReview,
  type RejectionPoint,
  type ReviewOutcome,
  shareRight,
} from './rejection.js'
import { accuracyOf, divide, f1Of, macroF1Of, tally } from './tally.js'

/** How good a model is, as plain JSON. Shares are 0 to 1; an `Estimate` is a value with its 95 % interval. */
export interface Evaluation {
  /** The version of this shape. */
  readonly version: 1
  readonly rows: number
  readonly accuracy: Estimate
  /** The mean of F1 over the labels that rows truly have. */
  readonly macroF1: Estimate
  /** Every label that occurs or was predicted, sorted. */
  readonly classes: readonly ClassScore[]
  /** By falling number of rows; '' is unknown. Empty where no row names its language. */
  readonly languages: readonly LanguageScore[]
  /** By falling count. */
  readonly confusions: readonly Confusion[]
  readonly calibration: Calibration
  readonly rejection: readonly RejectionPoint[]
  readonly review: ReviewOutcome
  /** Where there was another model to compare with. */
  readonly comparison: Comparison | null
}

export interface ClassScore {
  readonly label: string
  /** Rows that truly have it, rows it was predicted for, rows where both agree. */
  readonly support: number
  readonly found: number
  readonly hits: number
  readonly precision: number
  readonly recall: number
  readonly f1: number
}

export interface LanguageScore {
  readonly language: string
  readonly rows: number
  readonly accuracy: Estimate
  readonly macroF1: number
}

/**
 * Measures a model on rows that it did not learn from, and beside another model's judgements of the same rows where
 * there are any. Deterministic: the same rows give the same figures.
 */
export function evaluate(rows: readonly JudgedRow[], others?: readonly JudgedRow[]): Evaluation {
  const encoded = encodeRows(rows)
  const [accuracy = none, macroF1 = none] = bootstrap(rows.length, (weights) => {
    const counts = tally(encoded, weights)
    return [accuracyOf(counts), macroF1Of(counts)]
  })
  return {
    version: 1,
    rows: rows.length,
    accuracy,
    macroF1,
    classes: scoreClasses(encoded),
    languages: scoreLanguages(rows),
    confusions: countConfusions(rows),
    calibration: measureCalibration(encoded),
    rejection: measureRejection(rows),
    review: measureReview(rows),
    comparison: others === undefined ? null : compare(rows, others),
  }
}

const none: Estimate = { value: 0, low: 0, high: 0 }

function scoreClasses(encoded: EncodedRows): readonly ClassScore[] {
  const counts = tally(encoded)
  return encoded.labels.map((label, at) => {
    const [support = 0, found = 0, hits = 0] = [
      counts.support[at],
      counts.found[at],
      counts.hits[at],
    ]
    return {
      label,
      support,
      found,
      hits,
      precision: divide(hits, found),
      recall: divide(hits, support),
      f1: f1Of(counts, at),
    }
  })
}

function scoreLanguages(rows: readonly JudgedRow[]): readonly LanguageScore[] {
  const byLanguage = groupBy(rows, ({ language }) => language)
  if (byLanguage.size === 1 && byLanguage.has('')) return []
  return [...byLanguage]
    .map(([language, own]) => ({
      language,
      rows: own.length,
      accuracy: shareRight(own),
      macroF1: macroF1Of(tally(encodeRows(own))),
    }))
    .toSorted(
      (left, right) => right.rows - left.rows || compareWords(left.language, right.language),
    )
}

const compareWords = (left: string, right: string): number => (left < right ? -1 : 1)
