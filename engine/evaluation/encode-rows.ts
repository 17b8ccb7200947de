import type { JudgedRow } from './judged-row.js'

/** Rows as columns, for figures that are taken a thousand times. */
export interface EncodedRows {
  /** True and predicted ones, sorted. */
  readonly labels: readonly string[]
  /** Positions in `labels`. */
  readonly truth: Int32Array
  readonly predicted: Int32Array
  readonly confidence: Float64Array
}

export function encodeRows(
  rows: readonly JudgedRow[],
  labels: readonly string[] = collectLabels(rows),
): EncodedRows {
  const places = new Map(labels.map((label, place) => [label, place]))
  const encode = (label: string) => places.get(label) ?? -1
  return {
    labels,
    truth: Int32Array.from(rows, ({ truth }) => encode(truth)),
    predicted: Int32Array.from(rows, ({ predicted }) => encode(predicted)),
    confidence: Float64Array.from(rows, ({ confidence }) => confidence),
  }
}

export function collectLabels(rows: readonly JudgedRow[]): readonly string[] {
  return [...new Set(rows.flatMap(({ truth, predicted }) => [truth, predicted]))].toSorted()
}
