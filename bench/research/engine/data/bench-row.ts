import type { LabelledSample } from '../../../../engine/samples.js'

/** A labelled text, as the engine and as the baseline are given it: the same information. */
export interface BenchRow {
  readonly sample: LabelledSample
  readonly baselineText: string
}

/** A row of a text alone. */
export const textRow = (text: string, label: string): BenchRow => ({
  sample: { text, label },
  baselineText: text,
})

/** At most so many, taken evenly from the whole, for files are sorted by label. */
export function thin<T>(rows: readonly T[], most: number): readonly T[] {
  if (rows.length <= most) return rows
  return Array.from(
    { length: most },
    (_, at) => rows[Math.floor((at * rows.length) / most)],
  ).filter((row) => row !== undefined)
}
