import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readIdentity } from './process-identity.js'
import { writeServerRecord } from './server-record.js'

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
