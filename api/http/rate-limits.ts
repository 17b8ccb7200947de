import type { Context, Middleware } from 'koa'
import { LRUCache } from 'lru-cache'
import type pg from 'pg'
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterPostgres,
  RateLimiterRes,
} from 'rate-limiter-flexible'
import type { KeyedHash } from '../../db/key-ring.js'
import type { AccessControl } from '../access/access-control.js'
import { accountCallerId, findCaller } from '../access/auth.js'
import { commonErrors } from './common-errors.js'
import { ApiError } from './errors.js'

const minuteSeconds = 60
/** A second look at the same job from the same address within this time is refused. */
const pollingSeconds = 0.5

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

/**
 * Counts POSTs by key, or by address where there is none, in PostgreSQL, so that several APIs share the
 * count. No address is stored: the counter's key is a keyed hash.
 */
export function createPostLimit(input: {
  readonly pool: pg.Pool
  readonly hash: KeyedHash
  readonly perMinute: number
  readonly access: Pick<AccessControl, 'authenticate' | 'findClaims'>
}): Middleware {
  const limiter = new RateLimiterPostgres({
    storeClient: input.pool,
    tableName: 'rate_limits',
    tableCreated: true,
    clearExpiredByTimeout: false,
    keyPrefix: 'post',
    points: input.perMinute,
    duration: minuteSeconds,
  })
  const take = createPointLeases(limiter, input.perMinute)
  return async (ctx, next) => {
    if (ctx.method === 'POST') {
      const caller = (await findCallerId(input.access, ctx)) ?? ctx.ip
      await orRefuse(take(input.hash('post-limit', caller).slice(0, 32)))
    }
    await next()
  }
}

/** @returns undefined where only the address tells: without a key, and with a wrong one, so that keys can't be guessed */
async function findCallerId(
  { authenticate, findClaims }: Pick<AccessControl, 'authenticate' | 'findClaims'>,
  ctx: Context,
): Promise<string | undefined> {
  // The token says whose it is: to count a request, nobody needs to look the account up.
  const claims = await findClaims(ctx)
  if (claims !== undefined) return accountCallerId(claims.accountId)
  const caller = await findCaller(ctx, authenticate)
  return caller?.id === 'open' ? undefined : caller?.id
}

interface PollingLimit {
  /** @throws ApiError 429 where this job was asked for from this address a moment ago */
  check(jobId: string, address: string): Promise<void>
}

/** Counted in the process: it protects this one from a page that asks in a loop. */
export function createPollingLimit(onRefused: (jobId: string) => void): PollingLimit {
  const limiter = new RateLimiterMemory({ points: 1, duration: pollingSeconds })
  return {
    check: async (jobId, address) => {
      try {
        await orRefuse(limiter.consume(`${jobId} ${address}`))
      } catch (error) {
        if (error instanceof ApiError) onRefused(jobId)
        throw error
      }
    },
  }
}

async function orRefuse(consumed: Promise<unknown>): Promise<void> {
  try {
    await consumed
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused
    throw new ApiError(commonErrors.too_many_requests, {
      retryAfterSeconds: Math.max(1, Math.ceil(refused.msBeforeNext / 1000)),
    })
  }
}
