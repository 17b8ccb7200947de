/** How many sockets an address holds and opens, counted in this process. */
export interface SocketLimits {
  /** @returns false where the address holds as many as it may */
  mayHoldAnother(address: string): boolean
  /** Counts an opening. @returns false where the key had all of its openings of this minute */
  takeOpening(key: string, perMinute: number): boolean
  onOpen(address: string): void
  onClose(address: string): void
}

const openingWindowMs = 60_000
const messageWindowMs = 10_000
const messagesPerWindow = 20

export function createSocketLimits(
  socketsPerAddress: number,
  now: () => number = Date.now,
): SocketLimits {
  const held = new Map<string, number>()
  const openings = new Map<string, number>()
  let windowStartedAtMs = now()

  return {
    mayHoldAnother: (address) => (held.get(address) ?? 0) < socketsPerAddress,
    takeOpening: (key, perMinute) => {
      if (now() - windowStartedAtMs >= openingWindowMs) {
        windowStartedAtMs = now()
        openings.clear()
      }
      const before = openings.get(key) ?? 0
      if (before >= perMinute) return false
      openings.set(key, before + 1)
      return true
    },
    onOpen: (address) => count(held, address, 1),
    onClose: (address) => count(held, address, -1),
  }
}

/** @returns asked at each message of one socket: was it one too many? */
export function createFloodGuard(now: () => number = Date.now): () => boolean {
  let messages = 0
  let windowStartedAtMs = 0
  return () => {
    if (now() - windowStartedAtMs > messageWindowMs) {
      windowStartedAtMs = now()
      messages = 0
    }
    return ++messages > messagesPerWindow
  }
}

function count(counts: Map<string, number>, key: string, by: 1 | -1): void {
  const next = (counts.get(key) ?? 0) + by
  if (next > 0) counts.set(key, next)
  else counts.delete(key)
}
