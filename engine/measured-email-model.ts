import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { examplesFolder, measuredEmailFile } from './data-folders.js'
import type { Measured } from './learning/learn-model.js'

/**
 * What cross-validation of the mail examples that ship came to. It depends on nothing but the examples and the code that
 * learns, and takes most of a minute, so it is kept beside the examples, and a build only fits. `triagem train email`
 * writes it anew; a test fails where that was forgotten.
 */
interface MeasuredFile extends Measured {
  /** Hashes the examples and the code. */
  readonly of: string
}

/** @returns undefined where what is kept is of other examples or of other code */
export async function readMeasuredEmailModel(): Promise<Measured | undefined> {
  const { of, ...measured } = JSON.parse(await readFile(measuredEmailFile, 'utf8')) as MeasuredFile
  return of === (await hashWhatIsMeasured()) ? measured : undefined
}

export async function writeMeasuredEmailModel(measured: Measured): Promise<void> {
  const file: MeasuredFile = { of: await hashWhatIsMeasured(), ...measured }
  await writeFile(measuredEmailFile, `${JSON.stringify(file, undefined, 2)}\n`)
}

async function hashWhatIsMeasured(): Promise<string> {
  const hash = createHash('sha256')
  const names = (await readdir(examplesFolder)).filter((name) => name.endsWith('.jsonl')).toSorted()
  for (const name of names) hash.update(await readFile(join(examplesFolder, name)))
  const engine = dirname(fileURLToPath(import.meta.url))
  for (const text of await readWithImports(join(engine, 'default-email-model.js')))
    hash.update(text)
  return hash.digest('hex')
}

/** Reads compiled code and all of ours that it imports, in an order that is always the same. */
async function readWithImports(entry: string): Promise<string[]> {
  const texts = new Map<string, string>()
  const read = async (file: string): Promise<void> => {
    if (texts.has(file)) return
    const text = await readFile(file, 'utf8')
    texts.set(file, text)
    for (const [, path = ''] of text.matchAll(/from '(\.[^']+)'/gu))
      await read(join(file, '..', path))
  }
  await read(entry)
  return [...texts.values()]
}
