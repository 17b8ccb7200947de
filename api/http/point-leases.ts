import type { RateLimiterAbstract, RateLimiterRes } from 'rate-limiter-flexible'

interface Lease {
  left: number
  readonly untilMs: number
}

const mostLeases = 10_000

/**
 * Takes points from a counter that processes share in blocks, so that most requests ask nobody: counting
 * each by itself cost a POST a commit. The limit is never passed; what a process has left when the window
 * ends is lost: at most a five-hundredth for each.
 *
 * @param points that the limiter gives in a window; under 1,000 each is counted by itself
 * @returns takes one point. Rejects as the limiter does: with RateLimiterRes where there is none left
 */
export function createPointLeases(
  limiter: Pick<RateLimiterAbstract, 'consume'>,
  points: number,
): (key: string) => Promise<void> {
  const block = Math.max(1, Math.floor(points / 500))
  const leases = new Map<string, Lease>()
  const findLease = (key: string): Lease | undefined => {
    const lease = leases.get(key)
    return lease !== undefined && Date.now() < lease.untilMs ? lease : undefined
  }
  return async (key) => {
    const lease = findLease(key)
    if (lease !== undefined && lease.left > 0) {
      lease.left--
      return
    }
    const taken: RateLimiterRes = await limiter.consume(key, block)
    if (block === 1) return
    // Those that came at the same time took a block each.
    const left = (findLease(key)?.left ?? 0) + block - 1
    if (leases.size >= mostLeases) leases.clear()
    leases.set(key, { left, untilMs: Date.now() + taken.msBeforeNext })
  }
}
