import { type Config, ConfigError } from '../../config/load-config.js'
import { recordAudit } from '../../db/audit.js'
import {
  embeddedDatabaseFolder,
  type OpenDatabase,
  openEmbeddedDatabase,
  openServerDatabase,
} from '../../db/database.js'
import { createKeyedHash } from '../../db/key-ring.js'
import { isMigrated, migrateToLatest } from '../../db/migrate.js'
import { completeSecrets } from '../one-machine/generated-keys.js'
import { type AccountAdmin, createAccountAdmin } from './account-admin.js'
import { openAccounts } from '../processes/open-accounts.js'
import { reachDataDir } from './reach-data-dir.js'
import { createRemoteAccountAdmin } from './remote-account-admin.js'

/**
 * Gives the accounts to `use`, wherever they are: on the PostgreSQL server of the settings; with the
 * server that runs on DATA_DIR; or, where none runs, in DATA_DIR itself, under the lock that a server takes.
 */
export async function withAccountAdmin<T>(
  config: Config,
  use: (admin: AccountAdmin) => Promise<T>,
): Promise<T> {
  const { database } = config
  if (database.kind === 'postgres') {
    const opened = openServerDatabase(database.url, () => undefined)
    return await usingDatabase(config, opened, async (admin) => {
      if (!(await isMigrated(opened.db)))
        throw new ConfigError('The database lacks migrations: run triagem migrate first.')
      return await use(admin)
    })
  }
  const access = await reachDataDir(config.dataDir)
  if (access.kind === 'served')
    return await use(createRemoteAccountAdmin(await access.findServer()))
  try {
    const secrets = await completeSecrets(config.secrets, config.dataDir)
    const opened = await openEmbeddedDatabase(embeddedDatabaseFolder(config.dataDir))
    return await usingDatabase({ ...config, secrets }, opened, async (admin) => {
      await migrateToLatest(opened.db)
      return await use(admin)
    })
  } finally {
    await access.lock.release()
  }
}

async function usingDatabase<T>(
  config: Config,
  database: OpenDatabase,
  use: (admin: AccountAdmin) => Promise<T>,
): Promise<T> {
  const [hashSecret] = config.secrets.hash
  if (hashSecret === undefined) throw new Error('HASH_KEY is not set.')
  const desk = openAccounts({ config, database, hash: createKeyedHash(hashSecret) })
  const admin = createAccountAdmin(desk, (what) =>
    recordAudit(database.db, { ...what, caller: 'command-line' }),
  )
  try {
    return await use(admin)
  } finally {
    await database.close()
  }
}
