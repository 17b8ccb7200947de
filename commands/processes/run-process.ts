import type { Logger } from 'pino'
import type { Config } from '../../config/load-config.js'
import { installTemporalRuntime } from '../../workers/worker.js'
import { type Lifecycle, settlesWithin, withLifecycle } from './lifecycle.js'
import { createLogger } from './logger.js'

export interface ProcessInput {
  /** What its log lines call it. */
  readonly name: string
  readonly config: Config
  readonly say: (lines: string) => void
  /** Opens its parts in order. @returns the lines to say once it runs */
  readonly open: (log: Logger, lifecycle: Lifecycle) => Promise<readonly string[]>
}

/** An operator asked for the end. */
class StopAsked extends Error {
  override readonly name = 'StopAsked'
}

/** What was being opened when the process is to end notices it at its next step. */
const openingMs = 2_000

/**
 * Runs a part of the product in this process, until an operator stops it, be it while it starts.
 *
 * @throws what its opening throws, and the reason for which a part that the rest stands on was lost
 */
export async function runProcess({ name, config, say, open }: ProcessInput): Promise<void> {
  const log = createLogger(config, name)
  installTemporalRuntime(log)
  await withLifecycle(log, async (lifecycle) => {
    const { stopping } = lifecycle
    onStopSignal((signal) => {
      say(`Stopping (${signal})…`)
      lifecycle.stop(new StopAsked())
    })
    const ended = new Promise<void>((resolve) =>
      stopping.addEventListener('abort', () => resolve(), { once: true }),
    )
    const opening = open(log, lifecycle)
    try {
      const lines = await Promise.race([opening, ended])
      // At once: whoever waits for the first line may read the others.
      if (lines !== undefined) say(lines.join('\n'))
      else await settlesWithin(opening, openingMs)
      await ended
      stopping.throwIfAborted()
    } catch (error) {
      if (!(error instanceof StopAsked)) throw error
    }
  })
}

/** Calls back at the first signal by which an operator asks for the end (Ctrl-C, SIGTERM). */
function onStopSignal(callBack: (signal: NodeJS.Signals) => void): void {
  let asked = false
  const listener = (signal: NodeJS.Signals) => {
    // Further ones, and those that come while a failed start is closed, must not cut the close short.
    if (!asked) callBack(signal)
    asked = true
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, listener)
}
