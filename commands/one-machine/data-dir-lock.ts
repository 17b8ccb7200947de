import { randomUUID } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { makeDataDir } from '../data-dir/make-data-dir.js'
import { readIdentity, sameProcess } from './process-identity.js'

const holderSchema = z.object({ pid: z.number().int().positive(), startedAt: z.string() })

/** Who holds a folder: enough to tell whether it still runs. */
export type DataDirHolder = Readonly<z.infer<typeof holderSchema>>

export interface DataDirLock {
  /** Gives the folder back; a second call does nothing. */
  release(): Promise<void>
}

/** A running process holds the folder; the message is one line that says what to do. */
export class DataDirInUseError extends Error {
  constructor(
    dataDir: string,
    readonly pid: number,
  ) {
    super(
      `DATA_DIR ${dataDir} is in use by the running process ${pid}: ` +
        'stop that one first, or set DATA_DIR to another folder.',
    )
    this.name = 'DataDirInUseError'
  }
}

/** A starter that replaces a stale lock needs milliseconds for it. */
const takeoverWaitMs = 3_000

/**
 * Takes the folder for this process; makes it if it isn't there. A lock whose process is gone, or
 * whose pid now belongs to another process, is taken over.
 * Throws DataDirInUseError when a running process, this one included, holds it.
 */
export async function acquireDataDirLock(dataDir: string): Promise<DataDirLock> {
  await makeDataDir(dataDir)
  const holder = await identifySelf()
  const file = lockFile(dataDir)
  const giveUpAt = Date.now() + takeoverWaitMs
  for (;;) {
    const winner = await take(file, holder)
    if (winner === 'self') return { release: releaseOnce(file) }
    // Whoever is just replacing a stale lock may fail yet: look again before naming anybody.
    if (winner.lock === file || Date.now() > giveUpAt) {
      throw new DataDirInUseError(dataDir, winner.pid)
    }
    await delay(20)
  }
}

/** The running process that holds the folder, if one does. */
export async function findDataDirHolder(dataDir: string): Promise<DataDirHolder | undefined> {
  const found = await look(lockFile(dataDir))
  return typeof found === 'string' ? undefined : found
}

interface Winner {
  readonly lock: string
  readonly pid: number
}

/**
 * A lock appears whole (a hard link to a written file) and only where none is. A stale one may be
 * removed only under a second lock of the same kind, so that of two starters which both saw it
 * stale the slower can't remove the quicker one's fresh lock. Should a starter die just there, its
 * second lock is stale itself and is removed under a third.
 */
async function take(lock: string, holder: DataDirHolder): Promise<'self' | Winner> {
  if (await createWhole(lock, holder)) return 'self'
  const found = await look(lock)
  if (found === 'absent') return take(lock, holder)
  if (found !== 'stale') return { lock, pid: found.pid }
  const guard = `${lock}.takeover`
  const guardWinner = await take(guard, holder)
  if (guardWinner !== 'self') return guardWinner
  try {
    // Stale means that its owner is gone, so from this look on only we can touch it.
    if ((await look(lock)) === 'stale') await rm(lock, { force: true })
  } finally {
    await rm(guard, { force: true })
  }
  return take(lock, holder)
}

async function createWhole(lock: string, holder: DataDirHolder): Promise<boolean> {
  const written = await writeBeside(lock, holder)
  try {
    await link(written, lock)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  } finally {
    await rm(written, { force: true })
  }
}

async function writeBeside(lock: string, holder: DataDirHolder): Promise<string> {
  const file = `${lock}.${randomUUID()}`
  await writeFile(file, JSON.stringify(holder), { mode: 0o600 })
  return file
}

function releaseOnce(file: string): () => Promise<void> {
  let released = false
  return async () => {
    if (released) return
    released = true
    await rm(file, { force: true })
  }
}

async function look(lock: string): Promise<'absent' | 'stale' | DataDirHolder> {
  const written = await readFile(lock, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  })
  if (written === undefined) return 'absent'
  const holder = parseHolder(written)
  return holder !== undefined && (await sameProcess(holder)) ? holder : 'stale'
}

/** A file that can't be read as a lock is what a power cut leaves, never one in the making. */
function parseHolder(written: string): DataDirHolder | undefined {
  try {
    return holderSchema.parse(JSON.parse(written))
  } catch {
    return undefined
  }
}

async function identifySelf(): Promise<DataDirHolder> {
  const self = await readIdentity(process.pid)
  if (self === undefined) throw new Error('This process cannot read its own start time.')
  return { pid: self.pid, startedAt: self.startedAt }
}

function lockFile(dataDir: string): string {
  return join(dataDir, 'server.lock')
}
