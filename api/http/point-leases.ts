import { LRUCache } from 'lru-cache'
import type { RateLimiterAbstract, RateLimiterRes } from 'rate-limiter-flexible'

interface Lease {
  left: number
}

const maxLeases = 10_000

/**
 * Takes points in blocks from a counter that several processes share, so that most requests need no
 * database: to count each one there cost every POST a commit. The limit is never passed. What a process has
 * left when the window ends is lost: at most a five-hundredth of the limit.
 *
 * @param points that the limiter gives in a window; below 1,000 each one is counted by itself
 * @returns takes one point. Rejects as the limiter does: with RateLimiterRes where none is left
 */
export function createPointLeases(
  limiter: Pick<RateLimiterAbstract, 'consume'>,
  points: number,
): (key: string) => Promise<void> {
  const block = Math.max(1, Math.floor(points / 500))
  const leases = new LRUCache<string, Lease>({ max: maxLeases })
  return async (key) => {
    const lease = leases.get(key)
    if (lease !== undefined && lease.left > 0) {
      lease.left--
      return
    }
    const taken: RateLimiterRes = await limiter.consume(key, block)
    if (block === 1) return
    // Requests that came at the same time took a block each.
    const left = (leases.get(key)?.left ?? 0) + block - 1
    // A ttl of 0 would mean for ever.
    leases.set(key, { left }, { ttl: Math.max(1, taken.msBeforeNext) })
  }
}
