import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { z } from 'zod'
import { type BenchRow, textRow } from './bench-row.js'

const rowsSchema = z.array(z.object({ text: z.string(), category: z.string() }))

/** banking77's train part: questions to a bank, 77 intents. */
export async function readBanking(shared: string): Promise<readonly BenchRow[]> {
  return parseBanking(await readFile(join(shared, 'data', 'banking77', 'train.csv'), 'utf8'))
}

export function parseBanking(content: string): readonly BenchRow[] {
  const rows = rowsSchema.parse(parse(content, { columns: true }))
  return rows.map(({ text, category }) => textRow(text.trim(), category))
}

const heldOut = 2_000

/** FNV-1a of 32 bits over UTF-8, unsigned. */
export function hashUtf8(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}

/**
 * Separates the rows that the embedding was not fitted on from the others, by the rule of the embedding's data card.
 */
export function splitForRetrieval(rows: readonly BenchRow[]): {
  readonly asked: readonly BenchRow[]
  readonly searched: readonly BenchRow[]
} {
  const sorted = rows
    .map((row) => ({ row, hash: hashUtf8(row.sample.text) }))
    .toSorted((left, right) => left.hash - right.hash)
    .map(({ row }) => row)
  return { asked: sorted.slice(0, heldOut), searched: sorted.slice(heldOut) }
}
