import { once } from 'node:events'
import type { Logger } from 'pino'
import type { Config } from '../../config/load-config.js'
import { installTemporalRuntime } from '../../workers/worker.js'
import { type Lifecycle, withLifecycle } from './lifecycle.js'
import { createLogger } from './logger.js'

export interface ProcessInput {
  /** What its log lines call it. */
  readonly name: string
  readonly config: Config
  readonly say: (lines: string) => void
  /** Opens its parts in order. @returns the lines to say once it runs */
  readonly open: (log: Logger, lifecycle: Lifecycle) => Promise<readonly string[]>
}

/** Runs a part of the product in this process, until an operator stops it. */
export async function runProcess({ name, config, say, open }: ProcessInput): Promise<void> {
  const log = createLogger(config, name)
  installTemporalRuntime(log)
  await withLifecycle(log, async (lifecycle) => {
    // At once: whoever waits for the first line may read the others.
    say((await open(log, lifecycle)).join('\n'))
    say(`Stopping (${await untilStopped()})…`)
  })
}

/** Resolves when an operator asks for the end (Ctrl-C, SIGTERM). */
async function untilStopped(): Promise<string> {
  const waiting = new AbortController()
  const signals = ['SIGINT', 'SIGTERM'] as const
  const asked = await Promise.race(
    signals.map(async (signal) => {
      await once(process, signal, { signal: waiting.signal })
      return signal
    }),
  )
  // Further signals of the same Ctrl-C must not cut the close short.
  for (const signal of signals) process.on(signal, () => undefined)
  return asked
}
