import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type BenchRow, textRow } from './bench-row.js'

const pairs = z.array(z.tuple([z.string(), z.string()]))
const schema = z.object({ train: pairs, val: pairs, oos_train: pairs, oos_val: pairs })

/** clinc150: what people ask an assistant, 150 intents, and texts that belong to none. */
export interface Clinc {
  readonly train: readonly BenchRow[]
  readonly validation: readonly BenchRow[]
  /** Of both parts: neither is learned from here. */
  readonly outOfScope: readonly BenchRow[]
  /** How many of them, from the first on, are of the validation part. */
  readonly outOfScopeValidation: number
}

export async function readClinc(shared: string): Promise<Clinc> {
  return parseClinc(await readFile(join(shared, 'data', 'clinc150', 'train_val.json'), 'utf8'))
}

export function parseClinc(content: string): Clinc {
  const parts = schema.parse(JSON.parse(content))
  const rowsOf = (part: readonly (readonly [string, string])[]) =>
    part.map(([text, label]) => textRow(text.trim(), label))
  return {
    train: rowsOf(parts.train),
    validation: rowsOf(parts.val),
    outOfScope: rowsOf([...parts.oos_val, ...parts.oos_train]),
    outOfScopeValidation: parts.oos_val.length,
  }
}
