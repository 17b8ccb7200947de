import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Config } from '../../config/load-config.js'

type Secrets = Config['secrets']

const keysFile = z.object({ encryption: z.string(), hash: z.string(), signing: z.string() })

/**
 * The one-machine form's keys: what the settings give, and for the rest a key made once and kept in
 * DATA_DIR (mode 600). Such a key doesn't protect a stolen disk: it lies beside what it seals.
 *
 * @throws where the file is there and can't be used: made anew, it would orphan everything sealed
 */
export async function completeSecrets(secrets: Secrets, dataDir: string): Promise<Secrets> {
  const kept = await readOrCreateKeys(join(dataDir, 'keys.json'), dataDir)
  // A generated key goes on reading what it sealed after ENC_KEY has been set.
  return {
    encryption: [...secrets.encryption, kept.encryption],
    hash: [...secrets.hash, kept.hash],
    signing: [...secrets.signing, kept.signing],
  }
}

async function readOrCreateKeys(path: string, dataDir: string): Promise<z.infer<typeof keysFile>> {
  const existing = await readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  })
  if (existing !== undefined) {
    const parsed = keysFile.safeParse(parseJson(existing))
    if (parsed.success) return parsed.data
    throw new Error(
      `${path} is damaged: restore it from a backup; without it nothing stored can be read.`,
    )
  }
  const newKey = () => randomBytes(32).toString('hex')
  const keys = { encryption: newKey(), hash: newKey(), signing: newKey() }
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const temporary = `${path}.${process.pid}`
  await writeFile(temporary, JSON.stringify(keys), { mode: 0o600, flush: true })
  await rename(temporary, path)
  return keys
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
