import { setTimeout as delay } from 'node:timers/promises'

/**
 * Waits for a condition, never for a time.
 *
 * @param read asked again and again until it gives something truthy, which is returned
 */
export async function waitUntil<T>(
  what: string,
  read: () => Promise<T> | T,
  timeoutMs = 15_000,
): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const value = await read()
    if (value) return value
    if (Date.now() > deadline) throw new Error(`Waited in vain until ${what}.`)
    await delay(20)
  }
}
