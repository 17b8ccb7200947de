import { createModelPool, type ModelPool } from '../../engine/pool/model-pool.js'
import { type ModelStore, openModelStore } from '../../services/models/model-store.js'
import { loadShippedModels } from '../../services/models/shipped-models.js'
import { type Config, ConfigError } from '../../config/load-config.js'
import { recordAudit } from '../../db/audit.js'
import {
  embeddedDatabaseFolder,
  type OpenDatabase,
  openEmbeddedDatabase,
  openServerDatabase,
} from '../../db/database.js'
import { isMigrated, migrateToLatest } from '../../db/migrate.js'
import type { DataDirLock } from '../one-machine/data-dir-lock.js'
import { modelsFolder } from '../../workers/run-workers.js'
import { reachDataDir } from '../data-dir/reach-data-dir.js'
import { createRemoteModelStore } from './remote-model-store.js'
import type { Workbench } from './workbench.js'

interface Opened {
  readonly store: ModelStore
  close(): Promise<void>
}

/** Gives a workbench to `use`, and closes what was opened of it whatever comes. */
export async function withWorkbench<T>(
  readConfig: () => Config,
  use: (bench: Workbench) => Promise<T>,
): Promise<T> {
  const pool: ModelPool = createModelPool()
  let opening: Promise<Opened> | undefined
  try {
    return await use({
      pool,
      store: async () => (await (opening ??= openStore(readConfig()))).store,
      readDefault: async (task) =>
        (await loadShippedModels(modelsFolder)).find(({ card }) => card.task === task)?.bytes,
    })
  } finally {
    await pool.close()
    await opening?.then(
      (opened) => opened.close(),
      () => undefined,
    )
  }
}

/** Wherever the models are: on the PostgreSQL server of the settings, with the server that runs on DATA_DIR, or in DATA_DIR. */
async function openStore({ database, dataDir }: Config): Promise<Opened> {
  if (database.kind === 'postgres') return await openServerStore(database.url)
  const access = await reachDataDir(dataDir)
  if (access.kind === 'own') return await openEmbeddedStore(dataDir, access.lock)
  return { store: createRemoteModelStore(access.findServer), close: () => Promise.resolve() }
}

async function openServerStore(url: string): Promise<Opened> {
  const opened = openServerDatabase(url, () => undefined)
  const store = auditedStore(opened)
  const close = () => opened.close()
  if (await isMigrated(opened.db)) return { store, close }
  await close()
  throw new ConfigError('The database lacks migrations: run triagem migrate first.')
}

async function openEmbeddedStore(dataDir: string, lock: DataDirLock): Promise<Opened> {
  try {
    const opened = await openEmbeddedDatabase(embeddedDatabaseFolder(dataDir))
    await migrateToLatest(opened.db)
    const close = async () => {
      await opened.close()
      await lock.release()
    }
    return { store: auditedStore(opened), close }
  } catch (error) {
    await lock.release()
    throw error
  }
}

/** Promotions by command are written down like those by route. */
function auditedStore({ db }: OpenDatabase): ModelStore {
  const store = openModelStore(db, 'command-line')
  return {
    ...store,
    promote: async (id) => {
      await store.promote(id)
      const what = { action: 'model_promoted', outcome: 'ok', subject: String(id) } as const
      await recordAudit(db, { ...what, caller: 'command-line' })
    },
  }
}
