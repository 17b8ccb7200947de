import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BenchRow } from './data/bench-row.js'
import { toJsonLines } from './json-lines.js'

/** The fold of rows that are only learned. */
export const learnedOnly = -1

/** What the peers' programs read. Fold -1 is only learned; any other fold is judged by a model of the rest. */
export interface FoldedRow {
  readonly text: string
  readonly label: string
  readonly fold: number
}

export function foldRows(
  rows: readonly BenchRow[],
  foldOf: (at: number) => number,
): readonly FoldedRow[] {
  return rows.map(({ baselineText: text, sample: { label } }, at) => ({
    text,
    label,
    fold: foldOf(at),
  }))
}

/** Those to learn from, then those to judge as fold 0. */
export const splitRows = (
  learned: readonly BenchRow[],
  judged: readonly BenchRow[],
): readonly FoldedRow[] =>
  foldRows([...learned, ...judged], (at) => (at < learned.length ? learnedOnly : 0))

/** @returns the path of a file of these lines */
export async function writeLines(folder: string, values: readonly object[]): Promise<string> {
  const path = join(folder, `${randomUUID()}.jsonl`)
  await writeFile(path, toJsonLines(values))
  return path
}
