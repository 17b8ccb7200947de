import { z } from 'zod'
import { ConfigError, countFromOne, isLoopback, readList } from './values.js'

/** The groups of routes that a bare API key opens, and that ALLOW_ANONYMOUS can open. */
export const openScopes = ['classify', 'finance', 'chat', 'mailbox'] as const

/** What a caller may do; `operator` is never part of a bare key. */
export const scopes = [...openScopes, 'operator'] as const
export type Scope = (typeof scopes)[number]
export type OpenScope = (typeof openScopes)[number]

/** 30 days: a token that was stolen must end by itself some day. */
const maxTokenMinutes = 30 * 24 * 60

/** 128 random bits in base64. Of so many random characters hardly ever fewer than 10 are different. */
const minKeyCharacters = 22
const minDifferentCharacters = 10

/** Whether an API key may stand where others can reach it. */
export const isHardToGuess = (secret: string): boolean =>
  secret.length >= minKeyCharacters && new Set(secret).size >= minDifferentCharacters

export const accessShape = {
  API_KEYS: z.string().optional(),
  API_KEY: z.string().optional(),
  ALLOW_ANONYMOUS: z.string().default(''),
  REGISTRATION: z.enum(['open', 'closed']).optional(),
  ACCESS_TOKEN_EXPIRE_MINUTES: z.coerce.number().int().min(1).max(maxTokenMinutes).default(30),
  POST_LIMIT_PER_MINUTE: countFromOne.default(6000),
}

export interface ApiKeySetting {
  readonly secret: string
  readonly scopes: readonly Scope[]
}

export interface AccessSettings {
  readonly apiKeys: readonly ApiKeySetting[]
  readonly anonymous: readonly OpenScope[]
  /** Whether whoever can reach the API may make an account; an admin always may. */
  readonly registration: 'open' | 'closed'
  /** How long a sign-in lasts. */
  readonly accessTokenMinutes: number
  /** Nobody set a key and only this machine can call: what no operator and no account is needed for is open. */
  readonly openOnLoopback: boolean
  readonly postLimitPerMinute: number
}

/** @param host where the API listens: what may be left out depends on who can reach it */
export function readAccess(
  e: z.infer<z.ZodObject<typeof accessShape>>,
  host: string,
): AccessSettings {
  const apiKeys = readList(e.API_KEYS ?? e.API_KEY ?? '').map(readApiKey)
  return {
    apiKeys,
    anonymous: readList(e.ALLOW_ANONYMOUS).map(readOpenScope),
    registration: e.REGISTRATION ?? (isLoopback(host) ? 'open' : 'closed'),
    accessTokenMinutes: e.ACCESS_TOKEN_EXPIRE_MINUTES,
    openOnLoopback: isLoopback(host) && apiKeys.length === 0,
    postLimitPerMinute: e.POST_LIMIT_PER_MINUTE,
  }
}

/** @throws ConfigError where a key may not stand where others can reach it */
export function refuseGuessableKeys({ apiKeys }: Pick<AccessSettings, 'apiKeys'>): void {
  if (apiKeys.every(({ secret }) => isHardToGuess(secret))) return
  throw new ConfigError(
    `API_KEYS has a key that is easy to guess, and HOST is beyond loopback: each key needs at least ${minKeyCharacters} characters, ${minDifferentCharacters} of them different. Make one with: npx triagem key`,
  )
}

function readApiKey(entry: string): ApiKeySetting {
  const [secret = '', listed] = entry.split(':', 2)
  if (secret === '') throw new ConfigError('API_KEYS has an entry without a secret.')
  if (listed === undefined) return { secret, scopes: openScopes }
  return {
    secret,
    scopes: listed.split('+').map((name) => {
      const scope = scopes.find((known) => known === name.trim())
      if (scope === undefined)
        throw new ConfigError(`API_KEYS names an unknown scope. Known: ${scopes.join(', ')}.`)
      return scope
    }),
  }
}

function readOpenScope(name: string): OpenScope {
  const scope = openScopes.find((known) => known === name)
  if (scope === undefined)
    throw new ConfigError(
      `ALLOW_ANONYMOUS names an unknown group. Known: ${openScopes.join(', ')}.`,
    )
  return scope
}

export const secretShape = {
  SECRET_KEY: z.string().default(''),
  ENC_KEY: z.string().default(''),
  HASH_KEY: z.string().default(''),
}

/** Each list: the first writes, all read. Empty: the one-machine form generates and keeps one. */
export interface SecretSettings {
  readonly encryption: readonly string[]
  readonly hash: readonly string[]
  readonly signing: readonly string[]
}

const minSecretCharacters = 16

export const readSecrets = (e: z.infer<z.ZodObject<typeof secretShape>>): SecretSettings => ({
  encryption: readKeys('ENC_KEY', e.ENC_KEY),
  hash: readKeys('HASH_KEY', e.HASH_KEY),
  signing: readKeys('SECRET_KEY', e.SECRET_KEY),
})

function readKeys(name: string, value: string): string[] {
  const secrets = readList(value)
  if (secrets.some((secret) => secret.length < minSecretCharacters))
    throw new ConfigError(
      `${name} has a key under ${minSecretCharacters} characters. Make one with: openssl rand -hex 32`,
    )
  return secrets
}
