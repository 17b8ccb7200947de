import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'

/** What a process opened, closed last in, first out. */
export interface Lifecycle {
  /** Remembers how to close something; returns it. */
  opened<T>(name: string, value: T, close: (value: T) => Promise<void> | void): T
  /** Closes everything, each part within its share of the time; a part that fails doesn't keep the rest open. */
  close(): Promise<void>
}

/** An operator who stops a process is promised an end within 10 s. */
const closeTimeoutMs = 9_000

export function createLifecycle(log: Logger): Lifecycle {
  const parts: { name: string; close: () => Promise<void> | void }[] = []
  const closeAll = async () => {
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      try {
        await part.close()
      } catch (error) {
        log.error({ err: error }, `Closing the ${part.name} failed.`)
      }
    }
  }
  return {
    opened: (name, value, close) => {
      parts.push({ name, close: () => close(value) })
      return value
    },
    close: async () => {
      const timeout = new AbortController()
      const late = delay(closeTimeoutMs, 'late', { signal: timeout.signal }).catch(() => 'closed')
      const outcome = await Promise.race([closeAll(), late])
      timeout.abort()
      if (outcome === 'late')
        log.error({ open: parts.map((part) => part.name) }, 'Closing took too long.')
    },
  }
}

/** Resolves when an operator asks for the end (Ctrl-C, SIGTERM). */
export async function untilStopped(): Promise<string> {
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
