import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packageRoot } from '../../../config/package.js'
import type { Contest } from './contest.js'

const folder = join(packageRoot, '.cache', 'bench-engine')
const engine = fileURLToPath(new URL('../../../engine', import.meta.url))

interface Kept {
  /** The hash of the engine that was measured. */
  readonly engine: string
  readonly contests: readonly Contest[]
}

/** Keeps what a part of full size measured, for the overview over parts that ran one after the other. */
export async function keepContests(
  part: string,
  embeddingVersion: string,
  contests: readonly Contest[],
): Promise<void> {
  await mkdir(folder, { recursive: true })
  const kept: Kept = { engine: await hashEngine(embeddingVersion), contests }
  await writeFile(join(folder, `${part}.json`), JSON.stringify(kept))
}

/** Gives what was kept of all parts by this very engine; undefined where a part is missing. */
export async function findKeptContests(
  parts: readonly string[],
  embeddingVersion: string,
): Promise<readonly Contest[] | undefined> {
  const current = await hashEngine(embeddingVersion)
  const found = await Promise.all(
    parts.map(async (part) => {
      const text = await readFile(join(folder, `${part}.json`), 'utf8').catch(() => undefined)
      const kept = text === undefined ? undefined : (JSON.parse(text) as Kept)
      return kept?.engine === current ? kept.contests : undefined
    }),
  )
  return found.some((contests) => contests === undefined)
    ? undefined
    : found.flatMap((contests) => contests ?? [])
}

/** Hashes all compiled files of the engine: another rule or recipe is another engine. */
async function hashEngine(embeddingVersion: string): Promise<string> {
  const names = (await readdir(engine, { recursive: true }))
    .filter((name) => name.endsWith('.js'))
    .toSorted()
  const hash = createHash('sha256').update(embeddingVersion)
  for (const name of names) hash.update(name).update(await readFile(join(engine, name)))
  return hash.digest('hex')
}
