import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { z } from 'zod'
import type { Python } from '../python.js'
import { type BenchRow, textRow } from './bench-row.js'
import { unpack } from './unpack.js'

const indexSchema = z.array(z.object({ path: z.string(), label: z.string() }))
const maxTextLength = 10_000

/** spamassassin's raw mails, ham and spam, in the order of their index. */
export async function readSpam(python: Python, shared: string): Promise<readonly BenchRow[]> {
  const folder = join(shared, 'data', 'spamassassin')
  const index = indexSchema.parse(
    parse(await readFile(join(folder, 'INDEX.csv'), 'utf8'), { columns: true }),
  )
  const files = await unpack(python, join(folder, 'spamassassin-dev.tar.xz'))
  const contents = new Map(files.map(({ name, content }) => [name, content]))
  return index.map(({ path, label }) => textRow(readMail(contents.get(path) ?? ''), label))
}

/** Subject and body as they came, the first 10,000 characters. */
export function readMail(raw: string): string {
  const [head = ''] = raw.split(/\r?\n\r?\n/u, 1)
  const body = raw.slice(head.length).trim()
  const unfolded = head.replace(/\r?\n[ \t]+/gu, ' ')
  const subject = /^subject:[ \t]*(.*)$/imu.exec(unfolded)?.[1]?.trim() ?? ''
  return `${subject}\n\n${body}`.slice(0, maxTextLength)
}
