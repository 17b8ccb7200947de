/** How many sockets an address has open, and how many it opens; counted in this process. */
export interface SocketLimits {
  /** @returns false where the address has as many open as it may */
  mayOpenAnother(address: string): boolean
  /** Counts an opening. @returns false where the key has used all its openings of this minute */
  takeOpening(key: string, maxPerMinute: number): boolean
  onOpen(address: string): void
  onClose(address: string): void
}

const openingWindowMs = 60_000
const messageWindowMs = 10_000
const maxMessagesPerWindow = 20

export function createSocketLimits(
  maxSocketsPerAddress: number,
  now: () => number = Date.now,
): SocketLimits {
  const openSockets = new Map<string, number>()
  const openings = new Map<string, number>()
  let windowStartedAtMs = now()

  return {
    mayOpenAnother: (address) => (openSockets.get(address) ?? 0) < maxSocketsPerAddress,
    takeOpening: (key, maxPerMinute) => {
      if (now() - windowStartedAtMs >= openingWindowMs) {
        windowStartedAtMs = now()
        openings.clear()
      }
      const before = openings.get(key) ?? 0
      if (before >= maxPerMinute) return false
      openings.set(key, before + 1)
      return true
    },
    onOpen: (address) => count(openSockets, address, 1),
    onClose: (address) => count(openSockets, address, -1),
  }
}

/** @returns to be called at each message of one socket: true where it was one too many */
export function createFloodGuard(now: () => number = Date.now): () => boolean {
  let messages = 0
  let windowStartedAtMs = 0
  return () => {
    if (now() - windowStartedAtMs > messageWindowMs) {
      windowStartedAtMs = now()
      messages = 0
    }
    return ++messages > maxMessagesPerWindow
  }
}

function count(counts: Map<string, number>, key: string, by: 1 | -1): void {
  const next = (counts.get(key) ?? 0) + by
  if (next > 0) counts.set(key, next)
  else counts.delete(key)
}
