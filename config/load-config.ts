import { z } from 'zod'
import {
  type AccessSettings,
  accessShape,
  readAccess,
  readSecrets,
  refuseGuessableKeys,
  type SecretSettings,
  secretShape,
} from './access.js'
import { type HousekeepingSettings, housekeepingShape, readHousekeeping } from './housekeeping.js'
import { inferenceShape, type InferenceSetting, readInference } from './inference.js'
import { type MachineSettings, machineShape, readMachine } from './machine.js'
import {
  type DatabaseSetting,
  databaseShape,
  readDatabase,
  readTemporal,
  type TemporalSettings,
  temporalShape,
} from './servers.js'
import { ConfigError, isLoopback } from './values.js'

/** Every setting of the product, validated. Times are in the unit that the name says. */
export interface Config
  extends MachineSettings, AccessSettings, TemporalSettings, HousekeepingSettings {
  readonly database: DatabaseSetting
  readonly secrets: SecretSettings
  readonly inference: InferenceSetting | undefined
  /** Settings of the replaced systems that are set and not needed here. */
  readonly unneeded: readonly string[]
}

/** What each concern reads from the environment; a subject's settings are a file of its own and a line here. */
const environment = z.object({
  ...machineShape,
  ...accessShape,
  ...databaseShape,
  ...temporalShape,
  ...secretShape,
  ...inferenceShape,
  ...housekeepingShape,
})

const unneeded = /^(KAFKA_\w+|MODEL_PATH|ALGORITHM|DB_DRIVER|EMBEDDING_API_URL)$/

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
  const config: Config = {
    ...readMachine(e),
    ...readAccess(e, e.HOST),
    ...readTemporal(e),
    ...readHousekeeping(e),
    database: readDatabase(e),
    secrets: readSecrets(e),
    inference: readInference(e),
    unneeded: Object.keys(present).filter((name) => unneeded.test(name)),
  }
  refuseUnsafe(config)
  return Object.freeze(config)
}

function firstProblem(error: z.ZodError): string {
  const issue = error.issues[0]
  if (issue === undefined) return 'A setting is not valid.'
  return `${issue.path.join('.')} ${describeProblem(issue)}. Correct it in the environment or in .env.`
}

/** In plain words; those of our own checks are plain already. */
function describeProblem(issue: z.core.$ZodIssue): string {
  const { code } = issue
  if (code === 'invalid_type')
    return issue.expected === 'int' ? 'must be a whole number' : `must be a ${issue.expected}`
  if (code === 'too_small') return `must be at least ${issue.minimum}`
  if (code === 'too_big') return `must be at most ${issue.maximum}`
  if (code === 'invalid_union') return 'must be a whole number, or true or false'
  if (code !== 'invalid_value') return issue.message
  const isFlag = issue.values.includes('true')
  return isFlag ? 'must be true or false' : `must be one of ${issue.values.join(', ')}`
}

/** What may be left out on one's own machine may not be left out where others can reach it. */
function refuseUnsafe(config: Config): void {
  if (!isLoopback(config.host)) {
    if (config.secrets.signing.length === 0)
      throw new ConfigError(`HOST ${config.host} is beyond loopback: set SECRET_KEY first.`)
    if (config.apiKeys.length === 0)
      throw new ConfigError(`HOST ${config.host} is beyond loopback: set API_KEYS first.`)
    refuseGuessableKeys(config)
  }
  refuseSharedPorts(config)
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

function refuseSharedPorts({ port, gatewayPort, metricsPort = 0, temporal }: Config): void {
  const ports = {
    PORT: port,
    GATEWAY_PORT: gatewayPort,
    METRICS_PORT: metricsPort,
    ...(temporal.kind === 'embedded'
      ? { TEMPORAL_PORT: temporal.port, TEMPORAL_UI_PORT: temporal.uiPort }
      : {}),
  }
  const taken = new Map<number, string>()
  for (const [name, value] of Object.entries(ports)) {
    const other = taken.get(value)
    if (value !== 0 && other !== undefined)
      throw new ConfigError(`${other} and ${name} are both ${value}: give each a port of its own.`)
    taken.set(value, name)
  }
}
