import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { waitUntil } from '../../test/support/wait-until.js'

export interface ChildInput {
  /** For messages to people. */
  readonly name: string
  readonly program: string
  readonly args: readonly string[]
  /** Its whole environment beside what programs need to be found. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Whether messages go to and fro. */
  readonly ipc?: boolean
}

export interface Child {
  readonly pid: number
  readonly process: ChildProcess
  /** What it has written so far, the last 20,000 characters. */
  output(): string
  /** @throws with what it said, where it ends first or the time is up */
  waitFor(what: string, read: () => Promise<unknown>, timeoutMs?: number): Promise<void>
  /** Resolves with the exit code. */
  ended: Promise<number | null>
  stop(): Promise<void>
}

const stopTimeoutMs = 15_000
const readyTimeoutMs = 60_000
const inherited = ['PATH', 'HOME', 'XDG_CACHE_HOME', 'TMPDIR']

/** Starts a process of its own: nothing of the caller's settings reaches it. */
export function startChild(input: ChildInput): Child {
  const base = Object.fromEntries(inherited.map((name) => [name, process.env[name]]))
  const child = spawn(input.program, input.args, {
    cwd: input.cwd,
    env: { ...base, ...input.env },
    stdio: ['ignore', 'pipe', 'pipe', ...(input.ipc === true ? (['ipc'] as const) : [])],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-20_000)))
  const ended = once(child, 'exit').then(() => child.exitCode)
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null
  return {
    pid: child.pid ?? 0,
    process: child,
    output: () => said,
    ended,
    waitFor: async (what, read, timeoutMs = readyTimeoutMs) => {
      try {
        await waitUntil(
          what,
          async () => {
            if (hasEnded()) throw new Error('It ended.')
            return await read()
          },
          timeoutMs,
        )
      } catch (error) {
        throw new Error(`${input.name}: ${what}: in vain. It said:\n${said}`, { cause: error })
      }
    },
    stop: async () => {
      if (hasEnded()) return
      child.kill('SIGTERM')
      const timer = new AbortController()
      const late = delay(stopTimeoutMs, undefined, { signal: timer.signal }).then(
        () => child.kill('SIGKILL'),
        () => undefined,
      )
      await ended
      timer.abort()
      await late
    },
  }
}
