import { mkdir, open, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** The server's SQLite file in its folder, and what SQLite keeps beside it. */
export const temporalFileName = 'temporal.db'
const names = [temporalFileName, `${temporalFileName}-wal`, `${temporalFileName}-shm`]
const sqliteHeader = 'SQLite format 3\0'

/** What the server says of a file that it can't read. */
export const damageWords = /malformed|not a database|file is encrypted/i

/** Temporal's file can't be read. Our own rows are elsewhere, so nothing is lost with it. */
export class TemporalFileDamagedError extends Error {
  override readonly name = 'TemporalFileDamagedError'
  constructor(folder: string) {
    super(
      `Temporal's file in ${folder} is damaged: start once with "npm start -- --new-temporal-file". It is set aside, and every open run begins again from the database; nothing is lost.`,
    )
  }
}

/** @returns its bytes; 0 where there is none */
export async function measureTemporalFile(folder: string): Promise<number> {
  const sizes = await Promise.all(
    names.map(async (name) => (await stat(join(folder, name)).catch(() => undefined))?.size ?? 0),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** @throws TemporalFileDamagedError for a file that isn't SQLite's from its first bytes on */
export async function assertTemporalFileReadable(folder: string): Promise<void> {
  const file = await open(join(folder, temporalFileName)).catch(ignoreAbsence)
  if (file === undefined) return
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(sqliteHeader.length))
    if (bytesRead > 0 && buffer.toString('latin1') !== sqliteHeader)
      throw new TemporalFileDamagedError(folder)
  } finally {
    await file.close()
  }
}

/**
 * Sets the file aside, so that the server begins with a new one. Nothing where there is none.
 *
 * @returns the folder that it is in now
 */
export async function setTemporalFileAside(
  folder: string,
  now = new Date(),
): Promise<string | undefined> {
  if ((await measureTemporalFile(folder)) === 0) return undefined
  const aside = join(folder, `set-aside-${now.toISOString().replaceAll(':', '-')}`)
  await mkdir(aside, { mode: 0o700 })
  for (const name of names) await rename(join(folder, name), join(aside, name)).catch(ignoreAbsence)
  return aside
}

function ignoreAbsence(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
  throw error
}
