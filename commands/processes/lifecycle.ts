import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'

/** The parts that a process opened: they are closed in reverse order. */
export interface Lifecycle {
  /** Remembers how to close a part that was just opened; returns the part. */
  opened<T>(name: string, part: T, close: (part: T) => Promise<void> | void): T
  /** Closes everything within 9 s; a part that fails to close doesn't keep the others open. */
  close(): Promise<void>
}

/** An operator who stops a process is promised that it ends within 10 s. */
const closeTimeoutMs = 9_000

export function createLifecycle(log: Pick<Logger, 'error'>): Lifecycle {
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
    opened: (name, part, close) => {
      parts.push({ name, close: () => close(part) })
      return part
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

/** Gives a lifecycle to `use`, and closes afterwards what was opened in it, whatever comes. */
export async function withLifecycle<T>(
  log: Pick<Logger, 'error'>,
  use: (lifecycle: Lifecycle) => Promise<T>,
): Promise<T> {
  const lifecycle = createLifecycle(log)
  try {
    return await use(lifecycle)
  } finally {
    await lifecycle.close()
  }
}
