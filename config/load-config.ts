import { z } from 'zod'
import { type AccessSettings, accessShape, readAccess, refuseGuessableKeys } from './access.js'
import { ConfigError } from './config-error.js'
import { databaseShape, type DatabaseSetting, readDatabase } from './database.js'
import { type FolderSettings, folderShape, readFolders } from './folders.js'
import { type HousekeepingSettings, housekeepingShape, readHousekeeping } from './housekeeping.js'
import { inferenceShape, type InferenceSetting, readInference } from './inference.js'
import { type LogSettings, logShape, readLog } from './log.js'
import { isLoopback } from './loopback.js'
import { type NetworkSettings, networkShape, readNetwork } from './network.js'
import { readSecrets, type SecretSettings, secretShape } from './secrets.js'
import { readTemporal, type TemporalSettings, temporalShape } from './temporal.js'

/** Every setting of the product, validated. Times are in the unit that the name says. */
export interface Config
  extends
    NetworkSettings,
    FolderSettings,
    LogSettings,
    AccessSettings,
    TemporalSettings,
    HousekeepingSettings {
  readonly database: DatabaseSetting
  readonly secrets: SecretSettings
  readonly inference: InferenceSetting | undefined
  /** Settings of the replaced systems that are set and not needed here. */
  readonly unneeded: readonly string[]
}

/** What each concern reads from the environment; a new one is a file of its own and a line here. */
const environment = z.object({
  ...networkShape,
  ...folderShape,
  ...logShape,
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
    ...readNetwork(e),
    ...readFolders(e),
    ...readLog(e),
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
  return `${issue.path.join('.')} is not valid: ${issue.message}. Correct it in the environment or in .env.`
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
