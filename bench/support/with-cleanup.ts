import { constants } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'

/** Runs after the work, last given first. */
export type Later = (close: () => Promise<unknown>) => void

/** Closes something, or waits for the close that has begun. */
type Close = () => Promise<void>

/** What is open at this moment, the innermost last. */
const open: Close[][] = []
const interruption = new AbortController()
/** What is just being opened when a signal comes gets this long to fail or to be opened. */
const graceMs = 5_000

/** Aborted by the signal that ends the bench. */
export const interrupted = interruption.signal

/** Does some work and closes what it opened, also where it fails. */
export async function withCleanup<T>(work: (later: Later) => Promise<T>): Promise<T> {
  const closes: Close[] = []
  open.push(closes)
  try {
    return await work((close) => closes.push(createClose(close)))
  } finally {
    await closeAll(closes)
    open.splice(open.indexOf(closes), 1)
  }
}

/**
 * Does the work of the whole process. On SIGINT or SIGTERM it closes what withCleanup() has open, so that no server
 * outlives it, and ends the process with the code that a shell expects.
 */
export async function closeOnSignal<T>(work: () => Promise<T>): Promise<T> {
  let ending: Promise<void> | undefined
  const end = async (signal: 'SIGINT' | 'SIGTERM') => {
    console.error(`${signal}: closing what was opened…`)
    interruption.abort()
    await closeEverything()
    await Promise.race([running.catch(() => undefined), delay(graceMs)])
    await closeEverything()
    process.exit(128 + constants.signals[signal])
  }
  const onSignal = (signal: 'SIGINT' | 'SIGTERM') => void (ending ??= end(signal))
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  const running = work()
  try {
    return await running
  } finally {
    await ending
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
}

function createClose(close: () => Promise<unknown>): Close {
  let closing: Promise<void> | undefined
  const run = async () => {
    try {
      await close()
    } catch (error) {
      console.error('Closing failed:', error)
    }
  }
  return () => (closing ??= run())
}

async function closeAll(closes: readonly Close[]): Promise<void> {
  for (const close of closes.toReversed()) await close()
}

async function closeEverything(): Promise<void> {
  for (const closes of open.toReversed()) await closeAll(closes)
}
