import { bootstrap, type Estimate } from './bootstrap.js'
import { collectLabels, type EncodedRows, encodeRows } from './encode-rows.js'
import type { JudgedRow } from './judged-row.js'
import { type McNemar, testMcNemar } from './mcnemar.js'
import { accuracyOf, f1Of, macroF1Of, type Tally, tally } from './tally.js'

/** A comparison of two models on the same rows. A difference above 0 says that the first is better. */
export interface Comparison {
  readonly accuracy: ComparedFigure
  readonly macroF1: ComparedFigure
  readonly mcnemar: McNemar
  /** The labels that rows truly have, sorted. */
  readonly classes: readonly ComparedClass[]
}

export interface ComparedFigure {
  readonly other: number
  /** With its paired 95 % bootstrap interval. */
  readonly difference: Estimate
}

export interface ComparedClass extends ComparedFigure {
  readonly label: string
}

/**
 * Compares two models row by row: McNemar's test, and the paired bootstrap of each difference (rows are drawn for both
 * models at once, so what is hard for both cancels out; Efron and Tibshirani 1993).
 * @throws Error where the rows are not the same ones in the same order
 */
export function compare(rows: readonly JudgedRow[], others: readonly JudgedRow[]): Comparison {
  assertSameRows(rows, others)
  const labels = collectLabels([...rows, ...others])
  const these = encodeRows(rows, labels)
  const those = encodeRows(others, labels)
  const present = labels.flatMap((_, label) => (these.truth.includes(label) ? [label] : []))
  const figuresOf = (counts: Tally) => [
    accuracyOf(counts),
    macroF1Of(counts),
    ...present.map((label) => f1Of(counts, label)),
  ]
  const baseline = figuresOf(tally(those))
  const differences = bootstrap(rows.length, (weights) => {
    const other = figuresOf(tally(those, weights))
    return figuresOf(tally(these, weights)).map((figure, at) => figure - (other[at] ?? 0))
  })
  const figure = (at: number): ComparedFigure => ({
    other: baseline[at] ?? 0,
    difference: differences[at] ?? { value: 0, low: 0, high: 0 },
  })
  return {
    accuracy: figure(0),
    macroF1: figure(1),
    mcnemar: testMcNemar(countOnlyRight(these, those), countOnlyRight(those, these)),
    classes: present.map((label, at) => ({ label: labels[label] ?? '', ...figure(at + 2) })),
  }
}

function assertSameRows(rows: readonly JudgedRow[], others: readonly JudgedRow[]): void {
  const same =
    rows.length === others.length && rows.every((row, at) => row.truth === others[at]?.truth)
  if (!same) throw new Error('Two models can be compared only on the same rows in the same order.')
}

/** Rows that the left model has right and the right model wrong. */
function countOnlyRight(left: EncodedRows, right: EncodedRows): number {
  let count = 0
  left.truth.forEach((truth, at) => {
    if (left.predicted[at] === truth && right.predicted[at] !== truth) count++
  })
  return count
}
