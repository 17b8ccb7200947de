import type { Context, Middleware } from 'koa'
import type pg from 'pg'
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible'
import type { KeyedHash } from '../../db/key-ring.js'
import { type Authenticate, findCaller } from '../access/auth.js'
import { ApiError } from './errors.js'
import { createPointLeases } from './point-leases.js'
import { commonErrors } from './common-errors.js'

const minuteSeconds = 60
/** A second look at the same job from the same address within this time is refused. */
const pollingSeconds = 0.5

/**
 * Counts POSTs by key, or by address where there is none, in PostgreSQL, so that several APIs share the
 * count. No address is stored: the counter's key is a keyed hash.
 */
export function createPostLimit(input: {
  readonly pool: pg.Pool
  readonly hash: KeyedHash
  readonly perMinute: number
  readonly authenticate: Authenticate
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
      const caller = (await findCallerId(input.authenticate, ctx)) ?? ctx.ip
      await orRefuse(take(input.hash('post-limit', caller).slice(0, 32)))
    }
    await next()
  }
}

/** @returns undefined where only the address tells: without a key, and with a wrong one, so that keys can't be guessed */
async function findCallerId(authenticate: Authenticate, ctx: Context): Promise<string | undefined> {
  const caller = await findCaller(ctx, authenticate)
  return caller?.id === 'open' ? undefined : caller?.id
}

export interface PollingLimit {
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
