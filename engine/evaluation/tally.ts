import type { EncodedRows } from './encode-rows.js'

/** For each label: rows that are of it, rows it was predicted for, rows where both agree. */
export interface Tally {
  readonly support: Float64Array
  readonly found: Float64Array
  readonly hits: Float64Array
}

/** Counts the rows, each as often as its weight says; once without weights. */
export function tally(rows: EncodedRows, weights?: Uint32Array): Tally {
  const { truth, predicted } = rows
  const size = rows.labels.length
  const support = new Float64Array(size)
  const found = new Float64Array(size)
  const hits = new Float64Array(size)
  for (let at = 0; at < truth.length; at++) {
    const weight = weights === undefined ? 1 : (weights[at] ?? 0)
    const is = truth[at] ?? 0
    const was = predicted[at] ?? 0
    support[is] = (support[is] ?? 0) + weight
    found[was] = (found[was] ?? 0) + weight
    if (is === was) hits[is] = (hits[is] ?? 0) + weight
  }
  return { support, found, hits }
}

/** 0 for no rows. */
export const accuracyOf = ({ support, hits }: Tally): number => divide(sum(hits), sum(support))

/**
 * The mean of F1 over the labels that rows truly have. A label that was only predicted counts as a mistake of the others,
 * not as a class of its own.
 */
export function macroF1Of(counts: Tally): number {
  let total = 0
  let present = 0
  counts.support.forEach((support, label) => {
    if (support === 0) return
    total += f1Of(counts, label)
    present++
  })
  return divide(total, present)
}

/** The harmonic mean of precision and recall; 0 where the label never occurs. */
export const f1Of = ({ support, found, hits }: Tally, label: number): number =>
  divide(2 * (hits[label] ?? 0), (support[label] ?? 0) + (found[label] ?? 0))

export const divide = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole)

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0)
