import type { Config } from '../../config/load-config.js'
import { ConfigError } from '../../config/values.js'
import { type OpenDatabase, openDatabase } from '../../db/database.js'
import { isMigrated, migrateToLatest } from '../../db/migrate.js'
import { acquireDataDirLock, DataDirInUseError } from '../one-machine/data-dir-lock.js'
import { completeSecrets } from '../one-machine/generated-keys.js'
import { createLifecycle, type Lifecycle } from '../processes/lifecycle.js'
import { createLogger } from '../processes/logger.js'
import { findLocalServer, type LocalServer } from './local-server.js'
import { createServerClient, type ServerClient } from './server-client.js'

/** How a command comes to the data: by itself, or through the server that holds them. */
export type Data =
  | {
      readonly kind: 'database'
      readonly database: OpenDatabase
      /** With the secrets of the data. */
      readonly config: Config
    }
  | { readonly kind: 'server'; readonly server: ServerClient }

export type ReachedData = Data & { close(): Promise<void> }

/**
 * Reaches the data of the settings, wherever they are: on their PostgreSQL server; with the server that runs
 * on DATA_DIR; or, where none runs, in DATA_DIR itself, under the lock that a server takes.
 *
 * @throws ConfigError for a PostgreSQL database that lacks migrations
 * @throws Error where the process that holds DATA_DIR doesn't serve
 */
export async function reachData(config: Config): Promise<ReachedData> {
  const log = createLogger(config, 'command')
  const lifecycle = createLifecycle(log)
  try {
    const data =
      config.database.kind === 'postgres'
        ? await openServer(config, lifecycle)
        : await openDataDir(config, lifecycle)
    return { ...data, close: () => lifecycle.close() }
  } catch (error) {
    await lifecycle.close()
    throw error
  }

  async function openServer(settings: Config, parts: Lifecycle): Promise<Data> {
    const database = await openDatabase(settings, log)
    parts.opened('database', database, () => database.close())
    if (await isMigrated(database.db)) return { kind: 'database', database, config: settings }
    throw new ConfigError('The database lacks migrations: run triagem migrate first.')
  }

  async function openDataDir(settings: Config, parts: Lifecycle): Promise<Data> {
    const { dataDir } = settings
    const lock = await acquireDataDirLock(dataDir).catch((error: unknown) => {
      if (error instanceof DataDirInUseError) return error.pid
      throw error
    })
    if (typeof lock === 'number') return await findServer(dataDir, lock)
    parts.opened('lock', lock, () => lock.release())
    const secrets = await completeSecrets(settings.secrets, dataDir)
    const database = await openDatabase(settings, log)
    parts.opened('database', database, () => database.close())
    await migrateToLatest(database.db)
    return { kind: 'database', database, config: { ...settings, secrets } }
  }
}

/** @param pid of the process that holds DATA_DIR */
async function findServer(dataDir: string, pid: number): Promise<Data> {
  const getServer = async (): Promise<LocalServer> => {
    const server = await findLocalServer(dataDir)
    if (server !== undefined) return server
    throw new Error(
      `The running process ${pid} holds DATA_DIR and does not serve yet: try again in a moment.`,
    )
  }
  await getServer()
  return { kind: 'server', server: createServerClient(getServer) }
}
