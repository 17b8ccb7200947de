import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { z } from 'zod'
import type { Python } from '../python.js'
import type { BenchRow } from './bench-row.js'
import { unpack } from './unpack.js'

const rowsSchema = z.array(
  z.object({
    date: z.string(),
    amount_brl: z.string(),
    merchant: z.string(),
    category: z.string(),
  }),
)

/** Expense refunds of Brazilian senators in a year: merchant, amount and date alone, for the detail names the category. */
export async function readCeaps(
  python: Python,
  shared: string,
  year: 2020 | 2021,
): Promise<readonly BenchRow[]> {
  const [file] = await unpack(python, join(shared, 'data', 'ceaps', `ceaps_${year}.tsv.xz`))
  return parseCeaps(file?.content ?? '')
}

export function parseCeaps(content: string): readonly BenchRow[] {
  const rows = rowsSchema.parse(parse(content, { columns: true, delimiter: '\t', quote: false }))
  return rows.map(({ date, amount_brl: amount, merchant, category }) => ({
    sample: { text: merchant, amount: Number(amount), date, label: category },
    baselineText: `${merchant} ${amount} ${date}`,
  }))
}

/** Whether a row's merchant is in none of those learned from, however it is written. */
export function isUnseenMerchant(learned: readonly BenchRow[]): (row: BenchRow) => boolean {
  const known = new Set(learned.map(({ sample }) => fold(sample.text)))
  return ({ sample }) => !known.has(fold(sample.text))
}

const fold = (merchant: string): string =>
  merchant
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
