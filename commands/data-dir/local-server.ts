import { randomBytes } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

const recordSchema = z.object({ url: z.url(), key: z.string().min(1) })

/** The server that holds a DATA_DIR: where it listens, and a key that may do all there. */
export type LocalServer = Readonly<z.infer<typeof recordSchema>>

const recordFile = (dataDir: string) => join(dataDir, 'operator-key')

/** A key for one run of the server. */
export const createLocalKey = (): string => randomBytes(32).toString('base64url')

/** Leaves word in DATA_DIR, for this user of the machine alone (mode 600). Its holder has the folder's lock. */
export async function publishLocalServer(dataDir: string, server: LocalServer): Promise<void> {
  const file = recordFile(dataDir)
  const written = `${file}.${process.pid}`
  await writeFile(written, JSON.stringify(server), { mode: 0o600 })
  await rename(written, file)
}

export async function withdrawLocalServer(dataDir: string): Promise<void> {
  await rm(recordFile(dataDir), { force: true })
}

/** What the last server said; whether that one still runs is the lock's business. */
export async function findLocalServer(dataDir: string): Promise<LocalServer | undefined> {
  const text = await readFile(recordFile(dataDir), 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  })
  return text === undefined ? undefined : recordSchema.parse(JSON.parse(text))
}
