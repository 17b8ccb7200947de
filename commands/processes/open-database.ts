import type { Logger } from 'pino'
import type { Config } from '../../config/load-config.js'
import {
  embeddedDatabaseFolder,
  type OpenDatabase,
  openEmbeddedDatabase,
  openServerDatabase,
} from '../../db/database.js'

/** The database that the settings name. Whoever opens the one in DATA_DIR holds the folder's lock. */
export async function openDatabase(
  { database, dataDir }: Pick<Config, 'database' | 'dataDir'>,
  log: Pick<Logger, 'warn'>,
): Promise<OpenDatabase> {
  if (database.kind === 'embedded')
    return await openEmbeddedDatabase(embeddedDatabaseFolder(dataDir))
  return openServerDatabase(database.url, (error) =>
    log.warn({ err: error }, 'A database connection broke; the pool opens another.'),
  )
}
