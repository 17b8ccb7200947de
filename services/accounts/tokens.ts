import { hkdfSync, type webcrypto } from 'node:crypto'
import { errors, jwtVerify, SignJWT } from 'jose'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'

export interface TokenClaims {
  readonly username: string
  readonly accountId: number
  /** Of the account's tokens: an older one is signed out. */
  readonly generation: number
}

/** Tokens of signed-in accounts: JWT, HS256. */
export interface Tokens {
  issue(claims: TokenClaims): Promise<string>
  /** @returns undefined for what is not a token of ours, or is not valid now */
  read(token: string): Promise<TokenClaims | undefined>
}

const algorithm = 'HS256'
const issuer = 'triagem'
const audience = 'triagem'
/** Clocks of two machines differ a little. */
const clockToleranceSeconds = 5
/** A token with the longest name has 2,000. */
const maxTokenLength = 4_096

const maxRemembered = 10_000

interface ReadToken {
  readonly claims: TokenClaims
  readonly expiresAtMs: number
}

const claimsSchema = z.object({ sub: z.string(), uid: z.int32(), gen: z.int32(), exp: z.number() })

/**
 * @param secrets at least one. The first signs and all are read, so that one can be replaced while tokens
 *   that it signed are still in use
 */
export function createTokens({
  secrets,
  lifetimeMinutes,
  now = () => new Date(),
}: {
  readonly secrets: readonly string[]
  readonly lifetimeMinutes: number
  readonly now?: () => Date
}): Tokens {
  const keys = secrets.map(deriveKey)
  const signing = keys[0]
  if (signing === undefined) throw new Error('Tokens need at least one key.')
  /** A client sends the same token with each request until it expires. */
  const recent = new LRUCache<string, ReadToken>({ max: maxRemembered })
  return {
    issue: async ({ username, accountId, generation }) => {
      const issuedAt = Math.floor(now().getTime() / 1000)
      return await new SignJWT({ uid: accountId, gen: generation })
        .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
        .setSubject(username)
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + lifetimeMinutes * 60)
        .sign(await signing)
    },
    read: async (token) => {
      if (token.length > maxTokenLength) return undefined
      const known = recent.get(token)
      if (known !== undefined && now().getTime() < known.expiresAtMs) return known.claims
      for (const key of keys) {
        const read = await readWith(await key, token, now())
        if (read === 'other_key') continue
        if (read !== undefined) recent.set(token, read)
        return read?.claims
      }
      return undefined
    },
  }
}

async function readWith(
  key: webcrypto.CryptoKey,
  token: string,
  currentDate: Date,
): Promise<ReadToken | undefined | 'other_key'> {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [algorithm],
      issuer,
      audience,
      currentDate,
      clockTolerance: clockToleranceSeconds,
      requiredClaims: ['sub', 'iat', 'exp'],
    })
    const { data } = claimsSchema.safeParse(payload)
    if (data === undefined) return undefined
    return {
      claims: { username: data.sub, accountId: data.uid, generation: data.gen },
      expiresAtMs: data.exp * 1000,
    }
  } catch (error) {
    if (error instanceof errors.JWSSignatureVerificationFailed) return 'other_key'
    if (error instanceof errors.JOSEError) return undefined
    throw error
  }
}

/**
 * HKDF-SHA256 (RFC 5869): SECRET_KEY may be any text, and may serve other purposes under other labels. The
 * key is imported once; jose would import it again for each token.
 */
function deriveKey(secret: string): Promise<webcrypto.CryptoKey> {
  const bytes = hkdfSync('sha256', secret, '', 'triagem/jwt/v1', 32)
  const usages: webcrypto.KeyUsage[] = ['sign', 'verify']
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, usages)
}
