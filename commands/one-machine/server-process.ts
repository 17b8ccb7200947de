import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile, stat, truncate } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { Connection } from '@temporalio/client'
import { answers, loopback } from './ports.js'
import { readIdentity } from './process-identity.js'
import { writeServerRecord } from './server-record.js'
import { damageWords, TemporalFileDamagedError } from './temporal-file.js'

const maxLogBytes = 10 * 1024 * 1024
const checkEveryMs = 60_000

/** The child's own output, straight into a file: a pipe would kill the child when we are killed. */
export interface ServerLog {
  readonly fd: number
  /** The last line with something on it. */
  lastLine(): Promise<string>
  says(words: RegExp): Promise<boolean>
  close(): Promise<void>
}

/** Starts the file anew and cuts it back to nothing whenever it has grown past 10 MB. */
export async function openServerLog(file: string): Promise<ServerLog> {
  // Appending is what lets a writer go on after its file was cut.
  const handle = await open(file, 'a', 0o600)
  await truncate(file)
  const timer = setInterval(() => void cutIfLong(file), checkEveryMs).unref()
  return {
    fd: handle.fd,
    lastLine: async () => {
      const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line.trim() !== '')
      return lines.at(-1)?.slice(0, 300) ?? 'it said nothing'
    },
    says: async (words) => words.test(await readFile(file, 'utf8')),
    close: async () => {
      clearInterval(timer)
      await handle.close()
    },
  }
}

async function cutIfLong(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined)
  if (found !== undefined && found.size > maxLogBytes) await truncate(file)
}

/** A server that was spawned; it may not answer yet. */
export interface ServerProcess {
  readonly pid: number
  /** Settles with a few words when the process is gone: "code 1", "SIGKILL". */
  readonly exited: Promise<string>
  isRunning(): boolean
  /** SIGTERM, after 5 s SIGKILL; settles when the process is gone. */
  end(): Promise<void>
}

const endTimeoutMs = 5_000
const readyTimeoutMs = 30_000
const pollMs = 25
const answerTimeoutMs = 2_000

/**
 * Spawns the server in a process group of its own, so that Ctrl-C at the terminal reaches us alone
 * and workers drain before it goes, and keeps its record in `folder`.
 */
export async function spawnServer(
  binary: string,
  args: readonly string[],
  folder: string,
  logFd: number,
): Promise<ServerProcess> {
  const record = { arguments: args.join(' ') }
  await writeServerRecord(folder, record)
  const child = spawn(binary, args, { detached: true, stdio: ['ignore', logFd, logFd] })
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? `code ${code ?? '?'}`))
  })
  // Throws what spawn failed with: no such file, not executable.
  await once(child, 'spawn')
  const { pid } = child
  if (pid === undefined) throw new Error('The Temporal server has no pid.')
  const identity = await readIdentity(pid)
  if (identity !== undefined) await writeServerRecord(folder, { ...record, process: identity })
  return {
    pid,
    exited,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    end: async () => {
      child.kill('SIGTERM')
      const kill = setTimeout(() => child.kill('SIGKILL'), endTimeoutMs)
      await exited
      clearTimeout(kill)
    },
  }
}

/** What a server is known by once it answers. */
interface Serving {
  readonly port: number
  readonly namespace: string
  readonly folder: string
  readonly serverLog: ServerLog
}

/** @throws Error with the server's own last line where it ends while it starts, or doesn't answer in time */
export async function waitUntilServing(
  server: ServerProcess,
  serving: Serving,
  signal?: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + readyTimeoutMs
  while (!(await servesNamespace(serving))) {
    signal?.throwIfAborted()
    if (await serving.serverLog.says(damageWords))
      throw new TemporalFileDamagedError(serving.folder)
    if (!server.isRunning()) {
      const said = await serving.serverLog.lastLine()
      throw new Error(`The Temporal server ended while starting (${await server.exited}): ${said}`)
    }
    if (Date.now() > deadline) {
      throw new Error(`The Temporal server did not answer within ${readyTimeoutMs / 1000} s.`)
    }
    await delay(pollMs)
  }
}

async function servesNamespace({ port, namespace }: Serving): Promise<boolean> {
  // A bare connection first: gRPC waits longer and longer between its own attempts.
  if (!(await answers(port))) return false
  try {
    const connection = await Connection.connect({
      address: `${loopback}:${port}`,
      connectTimeout: answerTimeoutMs,
    })
    try {
      await connection.withDeadline(Date.now() + answerTimeoutMs, () =>
        connection.workflowService.describeNamespace({ namespace }),
      )
      return true
    } finally {
      await connection.close()
    }
  } catch {
    return false
  }
}
