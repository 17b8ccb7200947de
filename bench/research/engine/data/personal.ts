import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { z } from 'zod'
import type { BenchRow } from './bench-row.js'

const rowsSchema = z.array(
  z.object({
    Date: z.string(),
    Description: z.string(),
    Amount: z.string(),
    'Transaction Type': z.enum(['debit', 'credit']),
    Category: z.string(),
  }),
)

/** A person's card lines in English: description, amount (a debit below 0) and date. */
export async function readPersonal(shared: string): Promise<readonly BenchRow[]> {
  const file = join(shared, 'data', 'transactions_en_personal', 'personal_transactions.csv')
  return parsePersonal(await readFile(file, 'utf8'))
}

export function parsePersonal(content: string): readonly BenchRow[] {
  const rows = rowsSchema.parse(parse(content, { columns: true, bom: true }))
  return rows.map(({ Date: day, Description: text, Amount, Category: label, ...row }) => {
    const amount = row['Transaction Type'] === 'debit' ? -Number(Amount) : Number(Amount)
    const date = toIso(day)
    return {
      sample: { text, amount, date, label },
      baselineText: `${text} ${amount} ${date}`,
    }
  })
}

/** Of mm/dd/yyyy. */
function toIso(day: string): string {
  const [month = '', ofMonth = '', year = ''] = day.split('/')
  return `${year}-${month}-${ofMonth}`
}
