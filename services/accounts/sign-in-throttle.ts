import type pg from 'pg'
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible'
import type { KeyedHash } from '../../db/key-ring.js'
import { AccountError } from './account-error.js'
import { networkOf } from './address-network.js'

const minuteSeconds = 60
/** Failures within a window after which there is no further try. */
const limits = {
  pair: { points: 5, duration: 15 * minuteSeconds },
  address: { points: 100, duration: 15 * minuteSeconds },
  device: { points: 10, duration: 15 * minuteSeconds },
  name: { points: 1000, duration: 60 * minuteSeconds },
} as const
type Kind = keyof typeof limits

/**
 * Failures on one name within its window from which on each further address has fewer tries. So a hundred
 * addresses come to 850 guesses an hour (50 + 100 * 2 * 4), not to the 1000 that would shut the name to
 * devices that nobody knows; and somebody at a fresh address still has tries.
 */
const failuresOfAttack = 50
const pairPointsUnderAttack = 2

/** Who tries. */
export interface SignInTrier {
  readonly usernameKey: string
  readonly address: string
  /** Where it is known that this account signed in from it before: its tries are counted by themselves. */
  readonly device?: string | undefined
}

/** One try to sign in. It counts from its beginning, so that tries at the same time count too. */
export interface SignInTry {
  /** The password was right. */
  succeeded(): Promise<void>
  /** It came to no answer: it shall not count. */
  takeBack(): Promise<void>
}

export interface SignInThrottle {
  /** @throws AccountError `too_many_sign_ins` */
  begin(trier: SignInTrier): Promise<SignInTry>
}

type Counters = Readonly<Record<Kind, RateLimiterPostgres>>

/**
 * Slows down who guesses passwords, and shuts nobody out of an account of their own: what others do counts
 * neither against a known device nor, short of an attack from hundreds of networks, against a fresh address.
 * Counted in PostgreSQL, for all APIs together; names, addresses and devices are there as keyed hashes.
 */
export function createSignInThrottle({
  pool,
  hash,
}: {
  readonly pool: pg.Pool
  readonly hash: KeyedHash
}): SignInThrottle {
  const counters: Counters = {
    pair: openCounter(pool, 'pair'),
    address: openCounter(pool, 'address'),
    device: openCounter(pool, 'device'),
    name: openCounter(pool, 'name'),
  }
  return {
    begin: async ({ usernameKey, address, device }) => {
      const network = networkOf(address)
      return device === undefined
        ? await beginAsStranger(counters, {
            pair: hash('sign-in-pair', usernameKey, network),
            address: hash('sign-in-address', network),
            name: hash('sign-in-name', usernameKey),
          })
        : await beginOnDevice(counters.device, hash('sign-in-device', usernameKey, device))
    },
  }
}

async function beginOnDevice(counter: RateLimiterPostgres, key: string): Promise<SignInTry> {
  await consume(counter, key)
  return {
    succeeded: async () => {
      await counter.delete(key)
    },
    takeBack: async () => {
      await counter.reward(key, 1)
    },
  }
}

async function beginAsStranger(
  counters: Counters,
  keys: Readonly<Record<Exclude<Kind, 'device'>, string>>,
): Promise<SignInTry> {
  const failures = (await counters.name.get(keys.name))?.consumedPoints ?? 0
  const pairPoints = failures < failuresOfAttack ? limits.pair.points : pairPointsUnderAttack
  // What the narrow one refuses does not reach the wide ones: nobody shuts a name or a whole office
  // out by trying one pair for ever.
  await consume(counters.pair, keys.pair, pairPoints)
  await consume(counters.address, keys.address)
  await consume(counters.name, keys.name)
  const giveBack = (kind: keyof typeof keys) => counters[kind].reward(keys[kind], 1)
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
}

const openCounter = (pool: pg.Pool, kind: Kind): RateLimiterPostgres =>
  new RateLimiterPostgres({
    storeClient: pool,
    tableName: 'rate_limits',
    tableCreated: true,
    clearExpiredByTimeout: false,
    keyPrefix: `sign-in-${kind}`,
    ...limits[kind],
  })

/** @param points how many the key has now, at most those of its counter */
async function consume(
  counter: RateLimiterPostgres,
  key: string,
  points = counter.points,
): Promise<void> {
  const now = await counter.consume(key).catch((refused: unknown) => {
    if (refused instanceof RateLimiterRes) return refused
    throw refused
  })
  if (now.consumedPoints <= points) return
  const seconds = Math.max(1, Math.ceil(now.msBeforeNext / 1000))
  throw new AccountError('too_many_sign_ins', seconds)
}
