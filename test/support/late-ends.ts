import { setTimeout as delay } from 'node:timers/promises'

/**
 * The time-out of a local activity that failed goes on after it, for 10 s, and where it comes after its worker's end the
 * SDK's core panics and prints that among the tests. Such a worker, and what it stands on, ends that much later, beside
 * the tests that follow.
 */
export const timeoutOutlivesMs = 10_500

let ends: Promise<void> = Promise.resolve()

/** One after the other, in the order in which they were asked for. */
export function endLater(end: () => Promise<void>): void {
  const due = delay(timeoutOutlivesMs)
  ends = ends.then(() => due).then(end)
  // Whoever awaits them at the end is told.
  ends.catch(() => undefined)
}

/** For the root hook alone. */
export const awaitLateEnds = (): Promise<void> => ends
