import type pg from 'pg'
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible'
import type { KeyedHash } from '../../db/key-ring.js'
import { AccountError } from './account-error.js'

const windowSeconds = 15 * 60
/** Failures within the window after which there is no further try. */
const limits = { pair: 5, address: 100, name: 50 } as const
type Kind = keyof typeof limits

/** One try to sign in. It counts from its beginning, so that tries at the same time count too. */
export interface SignInTry {
  /** The password was right. */
  succeeded(): Promise<void>
  /** It came to no answer: it shall not count. */
  takeBack(): Promise<void>
}

export interface SignInThrottle {
  /** @throws AccountError `too_many_sign_ins` */
  begin(usernameKey: string, address: string): Promise<SignInTry>
}

/** Counted in PostgreSQL, for all APIs together; names and addresses are there as keyed hashes. */
export function createSignInThrottle({
  pool,
  hash,
}: {
  readonly pool: pg.Pool
  readonly hash: KeyedHash
}): SignInThrottle {
  const counters = {
    pair: openCounter(pool, 'pair'),
    address: openCounter(pool, 'address'),
    name: openCounter(pool, 'name'),
  }
  return {
    begin: async (usernameKey, address) => {
      const keys = {
        pair: hash('sign-in-pair', usernameKey, address),
        address: hash('sign-in-address', address),
        name: hash('sign-in-name', usernameKey),
      }
      // What the narrow one refuses does not reach the wide ones: nobody shuts a name or a whole office
      // out by trying one pair for ever.
      for (const kind of ['pair', 'address', 'name'] as const)
        await consume(counters[kind], keys[kind])
      const giveBack = (kind: Kind) => counters[kind].reward(keys[kind], 1)
      return {
        succeeded: async () => {
          await counters.pair.delete(keys.pair)
          await giveBack('address')
          await giveBack('name')
        },
        takeBack: async () => {
          for (const kind of ['pair', 'address', 'name'] as const) await giveBack(kind)
        },
      }
    },
  }
}

const openCounter = (pool: pg.Pool, kind: Kind): RateLimiterPostgres =>
  new RateLimiterPostgres({
    storeClient: pool,
    tableName: 'rate_limits',
    tableCreated: true,
    clearExpiredByTimeout: false,
    keyPrefix: `sign-in-${kind}`,
    points: limits[kind],
    duration: windowSeconds,
  })

async function consume(counter: RateLimiterPostgres, key: string): Promise<void> {
  try {
    await counter.consume(key)
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused
    const seconds = Math.max(1, Math.ceil(refused.msBeforeNext / 1000))
    throw new AccountError('too_many_sign_ins', seconds)
  }
}
