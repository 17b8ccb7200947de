import type { Config } from '../../config/load-config.js'
import { recordAudit } from '../../db/audit.js'
import type { Db } from '../../db/database.js'
import { createModelPool } from '../../engine/pool/model-pool.js'
import { type ModelStore, openModelStore } from '../../services/models/model-store.js'
import { loadShippedModels, modelsFolder } from '../../services/models/shipped-models.js'
import { type Data, type ReachedData, reachData } from '../data-dir/reach-data.js'
import type { ModelTools } from './model-tools.js'
import { createRemoteModelStore } from './remote-model-store.js'

/** Gives the tools to `use`, and closes afterwards what was opened of them, whatever comes. */
export async function withModelTools<T>(
  readConfig: () => Config,
  use: (tools: ModelTools) => Promise<T>,
): Promise<T> {
  const pool = createModelPool()
  let reaching: Promise<ReachedData> | undefined
  try {
    return await use({
      pool,
      store: async () => openStore(await (reaching ??= reachData(readConfig()))),
      readDefault: async (task) =>
        (await loadShippedModels(modelsFolder)).find(({ card }) => card.task === task)?.bytes,
    })
  } finally {
    await pool.close()
    await reaching?.then(
      (data) => data.close(),
      () => undefined,
    )
  }
}

const openStore = (data: Data): ModelStore =>
  data.kind === 'server' ? createRemoteModelStore(data.server) : auditedStore(data.database.db)

/** Promotions by command are written down like those by route. */
function auditedStore(db: Db): ModelStore {
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
