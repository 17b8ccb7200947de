import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'

/** The parts that a process opened: they are closed in reverse order. */
export interface Lifecycle {
  /** Aborted once the process is to end: what is being opened gives up. */
  readonly stopping: AbortSignal
  /**
   * Remembers how to close a part that was just opened; returns the part.
   *
   * @throws the reason of the end where the process is to end: then nothing more is opened
   */
  opened<T>(name: string, part: T, close: (part: T) => Promise<void> | void): T
  /** Lets the process end. @param reason what its command is told */
  stop(reason: Error): void
  /** As stop(), because a part is lost that others stand on: they are not waited for as long. */
  fail(reason: Error): void
  /** Closes everything within 9 s; a part that fails to close, or doesn't, keeps no other open. */
  close(): Promise<void>
}

/** An operator who stops a process is promised that it ends within 10 s. */
const inOrderMs = 7_000
const rushedMs = 2_000
/** What stands on a part that is lost may wait for it for ever. */
const lostPartMs = 1_500

export function createLifecycle(log: Pick<Logger, 'error'>): Lifecycle {
  const parts: { name: string; close: () => Promise<void> | void }[] = []
  const stopping = new AbortController()
  let isLost = false
  const closeNext = async () => {
    const part = parts.pop()
    try {
      await part?.close()
    } catch (error) {
      log.error({ err: error }, `Closing the ${part?.name ?? ''} failed.`)
    }
  }
  const closeInOrder = async () => {
    while (parts.length > 0) await settlesWithin(closeNext(), isLost ? lostPartMs : inOrderMs)
  }
  return {
    stopping: stopping.signal,
    opened: (name, part, close) => {
      parts.push({ name, close: () => close(part) })
      stopping.signal.throwIfAborted()
      return part
    },
    stop: (reason) => stopping.abort(reason),
    fail: (reason) => {
      isLost = true
      stopping.abort(reason)
    },
    close: async () => {
      if (await settlesWithin(closeInOrder(), inOrderMs)) return
      // One part holds up the rest: they are told all the same, the Temporal server among them.
      log.error({ open: parts.map((part) => part.name) }, 'Closing took too long.')
      await settlesWithin(Promise.all(parts.map(closeNext)), rushedMs)
    },
  }
}

/** @returns whether it was settled in time */
export async function settlesWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  const timeout = new AbortController()
  const late = delay(ms, false, { signal: timeout.signal }).catch(() => false)
  const settled = await Promise.race([
    work.then(
      () => true,
      () => true,
    ),
    late,
  ])
  timeout.abort()
  return settled
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
