import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { isLoopback } from './loopback.js'

/** What an API key may do; `operator` is never part of a bare key. */
export type Scope = 'classify' | 'finance' | 'chat' | 'mailbox' | 'operator'

/** The groups of routes that ALLOW_ANONYMOUS can open. */
export type AnonymousGroup = Exclude<Scope, 'operator'>

export interface ApiKeySetting {
  readonly secret: string
  readonly scopes: readonly Scope[]
}

export type InferenceSetting =
  | { readonly provider: 'huggingface'; readonly apiKey: string; readonly model: string }
  | { readonly provider: 'gemini'; readonly apiKey: string; readonly model: string }
  | {
      readonly provider: 'openai'
      readonly apiKey?: string
      readonly model: string
      readonly endpointUrl: string
    }

/** Every setting of the product, validated. Times are in the unit that the name says. */
export interface Config {
  readonly host: string
  readonly port: number
  readonly gatewayPort: number
  readonly metricsPort: number | undefined
  readonly dataDir: string
  /** Where programs that were fetched are kept from one start to the next. */
  readonly cacheDir: string
  /** Folders with programs, as in PATH. */
  readonly searchPath: string
  readonly debug: boolean
  readonly logLevel: string
  readonly trustedProxies: number
  readonly allowedHosts: readonly string[]
  readonly allowedOrigins: readonly string[]
  readonly temporalUiOrigins: readonly string[]
  readonly apiKeys: readonly ApiKeySetting[]
  readonly anonymous: readonly AnonymousGroup[]
  /** Whether whoever can reach the API may make an account; an admin always may. */
  readonly registration: 'open' | 'closed'
  /** How long a sign-in lasts. */
  readonly accessTokenMinutes: number
  /** Nobody set a key and only this machine can call: all but internal mail is open. */
  readonly openOnLoopback: boolean
  readonly database:
    { readonly kind: 'embedded' } | { readonly kind: 'postgres'; readonly url: string }
  readonly temporal:
    | { readonly kind: 'embedded'; readonly port: number; readonly uiPort: number }
    | { readonly kind: 'server'; readonly address: string }
  readonly temporalNamespace: string
  /** Each list: the first writes, all read. Empty: the one-machine form generates and keeps one. */
  readonly secrets: {
    readonly encryption: readonly string[]
    readonly hash: readonly string[]
    readonly signing: readonly string[]
  }
  readonly inference: InferenceSetting | undefined
  readonly postLimitPerMinute: number
  readonly socketsPerAddress: number
  /** Sockets for internal mail that one address may open in a minute. */
  readonly mailSocketsPerMinute: number
  /** Settings of the replaced systems that are set and not needed here. */
  readonly unneeded: readonly string[]
}

/** A setting that can't be used. The message names it and says what to do; it never holds a value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

const portNumber = z.coerce.number().int().min(0).max(65_535)
const atLeastOne = z.coerce.number().int().min(1)
const flag = z.stringbool()
const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
const anonymousGroups = ['classify', 'finance', 'chat', 'mailbox'] as const
const scopes = [...anonymousGroups, 'operator'] as const
const isUrl = (value: string) => URL.canParse(value)
/** 30 days: a token that was stolen must end by itself some day. */
const maximumTokenMinutes = 30 * 24 * 60

const environment = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: portNumber.default(8000),
  GATEWAY_PORT: portNumber.default(0),
  METRICS_PORT: portNumber.optional(),
  DATA_DIR: z.string().default('./data'),
  XDG_CACHE_HOME: z.string().optional(),
  PATH: z.string().default(''),
  DEBUG: flag.default(false),
  LOG_LEVEL: z.enum(logLevels).default('info'),
  TRUST_PROXY: z.union([z.coerce.number().int().min(0).max(10), flag.transform(Number)]).default(0),
  ALLOWED_HOSTS: z.string().default(''),
  FRONTEND_URL: z.string().optional(),
  ALLOWED_ORIGINS: z.string().optional(),
  TEMPORAL_UI_ORIGIN: z.string().refine(isUrl, 'must be a URL').optional(),
  API_KEYS: z.string().optional(),
  API_KEY: z.string().optional(),
  ALLOW_ANONYMOUS: z.string().default(''),
  REGISTRATION: z.enum(['open', 'closed']).optional(),
  ACCESS_TOKEN_EXPIRE_MINUTES: z.coerce.number().int().min(1).max(maximumTokenMinutes).default(30),
  DATABASE_URL: z.string().refine(isUrl, 'must be a URL like postgres://user@host/name').optional(),
  DB_HOST: z.string().optional(),
  DB_PORT: portNumber.default(5432),
  DB_NAME: z.string().default('triagem'),
  DB_USER: z.string().default('triagem'),
  DB_PASSWORD: z.string().default(''),
  TEMPORAL_ADDRESS: z
    .string()
    .regex(/^[^\s:/]+:\d+$/, 'must be host:port')
    .optional(),
  TEMPORAL_NAMESPACE: z.string().default('default'),
  TEMPORAL_PORT: portNumber.default(7233),
  TEMPORAL_UI_PORT: portNumber.default(8233),
  SECRET_KEY: z.string().default(''),
  ENC_KEY: z.string().default(''),
  HASH_KEY: z.string().default(''),
  HF_API_KEY: z.string().optional(),
  GEMINI_API_KEY: z.string().optional(),
  GEMINI_MODEL: z.string().default('gemini-2.5-flash'),
  INFERENCE_ENDPOINT: z
    .url({ protocol: /^https?$/, error: 'must be a full http(s) URL' })
    .optional(),
  INFERENCE_MODEL: z.string().optional(),
  POST_LIMIT_PER_MINUTE: atLeastOne.default(6000),
  SOCKETS_PER_ADDRESS: atLeastOne.default(5000),
  MAIL_SOCKETS_PER_MINUTE: atLeastOne.default(300),
})
type Environment = z.infer<typeof environment>

const unneeded = /^(KAFKA_\w+|MODEL_PATH|ALGORITHM|DB_DRIVER|EMBEDDING_API_URL)$/
const minimumSecretCharacters = 16

/**
 * Reads and checks every setting.
 *
 * @param env name -> value, usually process.env; an empty value counts as absent
 * @returns one frozen object
 * @throws ConfigError naming the setting that can't be used
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const present = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''),
  )
  const parsed = environment.safeParse(present)
  if (!parsed.success) throw new ConfigError(firstProblem(parsed.error))
  const e = parsed.data
  const apiKeys = list(e.API_KEYS ?? e.API_KEY ?? '').map(readApiKey)
  const config: Config = {
    host: e.HOST,
    port: e.PORT,
    gatewayPort: e.GATEWAY_PORT,
    metricsPort: e.METRICS_PORT,
    dataDir: resolve(e.DATA_DIR),
    cacheDir: join(e.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'triagem'),
    searchPath: e.PATH,
    debug: e.DEBUG,
    logLevel: e.LOG_LEVEL,
    trustedProxies: e.TRUST_PROXY,
    allowedHosts: list(e.ALLOWED_HOSTS).map((host) => host.toLowerCase()),
    allowedOrigins: readOrigins(e),
    temporalUiOrigins: readTemporalUiOrigins(e),
    apiKeys,
    anonymous: list(e.ALLOW_ANONYMOUS).map(readAnonymousGroup),
    registration: e.REGISTRATION ?? (isLoopback(e.HOST) ? 'open' : 'closed'),
    accessTokenMinutes: e.ACCESS_TOKEN_EXPIRE_MINUTES,
    openOnLoopback: isLoopback(e.HOST) && apiKeys.length === 0,
    database: readDatabase(e),
    temporal:
      e.TEMPORAL_ADDRESS === undefined
        ? { kind: 'embedded', port: e.TEMPORAL_PORT, uiPort: e.TEMPORAL_UI_PORT }
        : { kind: 'server', address: e.TEMPORAL_ADDRESS },
    temporalNamespace: e.TEMPORAL_NAMESPACE,
    secrets: {
      encryption: readSecrets('ENC_KEY', e.ENC_KEY),
      hash: readSecrets('HASH_KEY', e.HASH_KEY),
      signing: readSecrets('SECRET_KEY', e.SECRET_KEY),
    },
    inference: readInference(e),
    postLimitPerMinute: e.POST_LIMIT_PER_MINUTE,
    socketsPerAddress: e.SOCKETS_PER_ADDRESS,
    mailSocketsPerMinute: e.MAIL_SOCKETS_PER_MINUTE,
    unneeded: Object.keys(present).filter((name) => unneeded.test(name)),
  }
  refuseUnsafe(config)
  return Object.freeze(config)
}

function firstProblem(error: z.ZodError): string {
  const issue = error.issues[0]
  if (issue === undefined) return 'A setting is not valid.'
  return `${issue.path.join('.')} is not valid: ${issue.message}. Correct it in the environment or in .env.`
}

function list(value: string): string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

function readSecrets(name: string, value: string): string[] {
  const secrets = list(value)
  if (secrets.some((secret) => secret.length < minimumSecretCharacters))
    throw new ConfigError(
      `${name} has a key under ${minimumSecretCharacters} characters. Make one with: openssl rand -hex 32`,
    )
  return secrets
}

function readOrigins(e: Environment): string[] {
  const setting = e.FRONTEND_URL ?? e.ALLOWED_ORIGINS
  const values = list(setting ?? 'http://localhost:3000,http://127.0.0.1:3000')
  return values.map((value) => {
    if (!URL.canParse(value))
      throw new ConfigError(
        'FRONTEND_URL (or ALLOWED_ORIGINS) must list origins like http://host:3000.',
      )
    return new URL(value).origin
  })
}

function readTemporalUiOrigins(e: Environment): string[] {
  if (e.TEMPORAL_UI_ORIGIN !== undefined) return [new URL(e.TEMPORAL_UI_ORIGIN).origin]
  if (e.TEMPORAL_ADDRESS !== undefined) return []
  return ['localhost', '127.0.0.1'].map((host) => `http://${host}:${e.TEMPORAL_UI_PORT}`)
}

function readApiKey(entry: string): ApiKeySetting {
  const [secret = '', listed] = entry.split(':', 2)
  if (secret === '') throw new ConfigError('API_KEYS has an entry without a secret.')
  if (listed === undefined) return { secret, scopes: anonymousGroups }
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

function readAnonymousGroup(name: string): AnonymousGroup {
  const group = anonymousGroups.find((known) => known === name)
  if (group === undefined)
    throw new ConfigError(
      `ALLOW_ANONYMOUS names an unknown group. Known: ${anonymousGroups.join(', ')}.`,
    )
  return group
}

function readDatabase(e: Environment): Config['database'] {
  if (e.DATABASE_URL !== undefined) return { kind: 'postgres', url: e.DATABASE_URL }
  if (e.DB_HOST === undefined) return { kind: 'embedded' }
  const url = new URL(`postgres://${e.DB_HOST}:${e.DB_PORT}`)
  url.username = encodeURIComponent(e.DB_USER)
  url.password = encodeURIComponent(e.DB_PASSWORD)
  url.pathname = `/${encodeURIComponent(e.DB_NAME)}`
  return { kind: 'postgres', url: url.href }
}

function readInference(e: Environment): InferenceSetting | undefined {
  if (e.INFERENCE_ENDPOINT !== undefined)
    return {
      provider: 'openai',
      endpointUrl: e.INFERENCE_ENDPOINT,
      model: e.INFERENCE_MODEL ?? 'default',
      ...(e.HF_API_KEY === undefined ? {} : { apiKey: e.HF_API_KEY }),
    }
  if (e.GEMINI_API_KEY !== undefined)
    return { provider: 'gemini', apiKey: e.GEMINI_API_KEY, model: e.GEMINI_MODEL }
  if (e.HF_API_KEY === undefined) return undefined
  return {
    provider: 'huggingface',
    apiKey: e.HF_API_KEY,
    model: e.INFERENCE_MODEL ?? 'meta-llama/Llama-3.1-8B-Instruct',
  }
}

/** What may be left out on one's own machine may not be left out where others can reach it. */
function refuseUnsafe(config: Config): void {
  if (!isLoopback(config.host)) {
    if (config.secrets.signing.length === 0)
      throw new ConfigError(`HOST ${config.host} is beyond loopback: set SECRET_KEY first.`)
    if (config.apiKeys.length === 0)
      throw new ConfigError(`HOST ${config.host} is beyond loopback: set API_KEYS first.`)
  }
  if (config.database.kind === 'embedded' && config.temporal.kind === 'embedded') return
  const missing = [
    ...(config.secrets.encryption.length === 0 ? ['ENC_KEY'] : []),
    ...(config.secrets.hash.length === 0 ? ['HASH_KEY'] : []),
    ...(config.secrets.signing.length === 0 ? ['SECRET_KEY'] : []),
  ]
  if (missing.length > 0)
    throw new ConfigError(
      `With DATABASE_URL or TEMPORAL_ADDRESS set, ${missing.join(', ')} must be set too: every process needs the same keys. Make each with: openssl rand -hex 32`,
    )
}
