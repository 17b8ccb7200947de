import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { listProcesses, readIdentity, type ProcessIdentity } from './process-identity.js'

const recordSchema = z.object({
  /** Everything after the program's path: it names our database file, which no other server has. */
  arguments: z.string().min(1),
  /** Absent while the server is just being started. */
  process: z
    .object({ pid: z.number().int().positive(), startedAt: z.string(), command: z.string() })
    .optional(),
})

/** The server that this DATA_DIR's last run had, or was about to have. */
export type ServerRecord = Readonly<z.infer<typeof recordSchema>>

const endTimeoutMs = 5_000
const pollMs = 25

/** Written before a server is started and again when it has a pid: a kill in between leaves a trace. */
export async function writeServerRecord(folder: string, record: ServerRecord): Promise<void> {
  const file = recordFile(folder)
  await writeFile(`${file}.new`, JSON.stringify(record), { mode: 0o600 })
  await rename(`${file}.new`, file)
}

export async function removeServerRecord(folder: string): Promise<void> {
  await rm(recordFile(folder), { force: true })
}

/**
 * Ends the server that a killed run left behind: SIGTERM, after 5 s SIGKILL. Only a process that
 * matches the record is touched: its pid, its start time and the arguments it runs with.
 * The caller holds the DATA_DIR's lock.
 */
export async function endOrphan(folder: string, log: (line: string) => void): Promise<void> {
  const record = await findServerRecord(folder)
  const orphan = record && (await findOrphan(record))
  if (record !== undefined && orphan !== undefined) {
    log(`Ending the Temporal server that the last run left behind (pid ${orphan.pid}).`)
    await end(orphan, record)
  }
  await removeServerRecord(folder)
}

async function findOrphan(record: ServerRecord): Promise<ProcessIdentity | undefined> {
  const recorded = record.process
  if (recorded === undefined) {
    return (await listProcesses()).find((candidate) => matches(candidate, record))
  }
  const present = await readIdentity(recorded.pid)
  return present !== undefined && matches(present, record) ? present : undefined
}

/** The program's path is left out: a launcher script on PATH turns into the real one by exec. */
function matches(present: ProcessIdentity, record: ServerRecord): boolean {
  const sameStart = record.process === undefined || record.process.startedAt === present.startedAt
  return sameStart && present.command.endsWith(` ${record.arguments}`)
}

async function end(orphan: ProcessIdentity, record: ServerRecord): Promise<void> {
  signal(orphan.pid, 'SIGTERM')
  if (await isGone(orphan, record, Date.now() + endTimeoutMs)) return
  signal(orphan.pid, 'SIGKILL')
  if (await isGone(orphan, record, Date.now() + endTimeoutMs)) return
  throw new Error(`The Temporal server of the last run (pid ${orphan.pid}) cannot be ended.`)
}

async function isGone(
  orphan: ProcessIdentity,
  record: ServerRecord,
  deadline: number,
): Promise<boolean> {
  const match = { ...record, process: orphan }
  while ((await findOrphan(match)) !== undefined) {
    if (Date.now() > deadline) return false
    await delay(pollMs)
  }
  return true
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    // Gone in between is what we want.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

async function findServerRecord(folder: string): Promise<ServerRecord | undefined> {
  const written = await readFile(recordFile(folder), 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  })
  if (written === undefined) return undefined
  try {
    return recordSchema.parse(JSON.parse(written))
  } catch {
    return undefined
  }
}

function recordFile(folder: string): string {
  return join(folder, 'server.json')
}
