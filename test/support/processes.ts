import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { findLocalServer } from '../../commands/data-dir/local-server.js'
import {
  type ProcessIdentity,
  readIdentity,
  sameProcess,
} from '../../commands/one-machine/process-identity.js'
import { freePort } from './free-port.js'
import { waitUntil } from './wait-until.js'

export interface ProcessEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** One `triagem …` as a process of its own, as users run it. */
export interface TriagemProcess {
  readonly pid: number
  /** Settles when it is gone. */
  readonly ended: Promise<ProcessEnd>
  isRunning(): boolean
  /** What it has said so far, to standard output and to standard error. */
  said(): { readonly out: string; readonly err: string }
  /** Waits until standard output matches; rejects with all that was said once the process is gone. */
  saying(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>
  signal(name: NodeJS.Signals): void
  /** Sends a signal and waits for the end. */
  end(name: NodeJS.Signals, timeoutMs?: number): Promise<ProcessEnd>
}

interface Started {
  readonly title: string
  readonly process: TriagemProcess
  readonly child: ChildProcess
  readonly dataDir: string | undefined
}

const cli = fileURLToPath(new URL('../../cli.js', import.meta.url))
/** All that a process gets of our own environment: `.ci/run` finds what was left behind by its mark. */
const passedOn = ['PATH', 'HOME', 'XDG_CACHE_HOME', 'TRIAGEM_CI_RUN']
const started = new Set<Started>()

// The last resort, where mocha itself breaks off.
process.once('exit', () => {
  for (const { child } of started) child.kill('SIGKILL')
})

/**
 * Runs the built command line; `endProcesses()` ends what is left of it.
 *
 * @param env its whole environment but for what finding programs needs
 * @param cwd a folder without an `.env`
 */
export function runTriagem(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd: string,
): TriagemProcess {
  const inherited = passedOn.flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value]]
  })
  const child = spawn(process.execPath, [cli, ...args], {
    cwd,
    env: { ...(Object.fromEntries(inherited) as Record<string, string>), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const running = follow(child)
  started.add({ title: args.join(' '), process: running, child, dataDir: env['DATA_DIR'] })
  return running
}

function follow(child: ChildProcess): TriagemProcess {
  const { pid } = child
  if (pid === undefined) throw new Error('The process could not be started.')
  const said = { out: '', err: '' }
  child.stdout?.on('data', (text: Buffer) => (said.out += text.toString()))
  child.stderr?.on('data', (text: Buffer) => (said.err += text.toString()))
  const ended = new Promise<ProcessEnd>((resolve) => {
    // `close` comes after the last output, `exit` may come before it.
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
  const isRunning = () => child.exitCode === null && child.signalCode === null
  return {
    pid,
    ended,
    isRunning,
    said: () => ({ ...said }),
    saying: (pattern, timeoutMs = 60_000) =>
      waitUntil(
        `process ${pid} says ${pattern.source}`,
        () => {
          const match = pattern.exec(said.out)
          if (match === null && !isRunning())
            throw new Error(`The process ended without saying ${pattern.source}:\n${tail(said)}`)
          return match
        },
        timeoutMs,
      ),
    signal: (name) => {
      child.kill(name)
    },
    end: async (name, timeoutMs = 20_000) => {
      child.kill(name)
      await waitUntil(`process ${pid} ends on ${name}`, () => !isRunning(), timeoutMs)
      return await ended
    },
  }
}

/**
 * A port that stays free while what used it is started again: systems give outgoing connections ports
 * above these, and freePort() gives one of those.
 */
export async function lastingPort(): Promise<number> {
  for (;;) {
    const port = randomInt(12_000, 32_000)
    if (await freePort(port).catch(() => undefined)) return port
  }
}

/** Ends all that runTriagem() started, the Temporal servers of killed ones included; for hooks. */
export async function endProcesses(): Promise<void> {
  for (const one of [...started]) {
    one.child.kill('SIGKILL')
    await one.process.ended
    const server = one.dataDir === undefined ? undefined : await findServer(one.dataDir)
    if (server !== undefined) await endOther(server)
    started.delete(one)
  }
}

/** The last lines of every process that was not ended yet, for a test that failed. */
export function whatProcessesSaid(): string {
  return [...started]
    .map(({ title, process }) => `--- ${title} (${process.pid})\n${tail(process.said())}`)
    .join('\n')
}

const tail = ({ out, err }: { out: string; err: string }) =>
  `${out.slice(-1500)}\n${err.slice(-3000)}`

const serverRecord = z.object({
  process: z.object({ pid: z.number(), startedAt: z.string(), command: z.string() }),
})

/** What opens to operators the server that runs on this DATA_DIR: the key of its own command line. */
export async function asOperator(dataDir: string): Promise<Record<string, string>> {
  const server = await findLocalServer(dataDir)
  if (server === undefined) throw new Error('No server has published its key.')
  return { 'x-api-key': server.key }
}

/** The Temporal server that a run on this DATA_DIR has, or has left behind, if it runs. */
export async function findServer(dataDir: string): Promise<ProcessIdentity | undefined> {
  const text = await readFile(join(dataDir, 'temporal', 'server.json'), 'utf8').catch(() => 'null')
  const record = serverRecord.safeParse(JSON.parse(text))
  if (!record.success || !(await sameProcess(record.data.process))) return undefined
  return await readIdentity(record.data.process.pid)
}

/** Kills a process that isn't our child, if it is still the same one, and waits until it is gone. */
export async function endOther(identity: ProcessIdentity): Promise<void> {
  if (!(await sameProcess(identity))) return
  process.kill(identity.pid, 'SIGKILL')
  await waitUntil(`process ${identity.pid} is gone`, async () => !(await sameProcess(identity)))
}
