import { createAccessControl, type AccessControl } from '../../api/access/access-control.js'
import type { Subject } from '../../api/subject.js'
import { packageVersion } from '../../config/package-version.js'
import { createModelPool } from '../../engine/pool/model-pool.js'
import type { AccountService } from '../../services/accounts/account-service.js'
import { checkTemporal } from '../../services/adapters/temporal-health.js'
import type { ModelServiceInput } from '../../services/models/model-service.js'
import { loadShippedModels, modelsFolder } from '../../services/models/shipped-models.js'
import { checkTaskModel } from '../../services/models/task-models.js'
import { jobsTaskQueue } from '../../workflows/task-queues.js'
import type { Dependencies } from './dependencies.js'
import { openAccounts } from './open-accounts.js'
import { createSubjects } from './subjects.js'

export interface OpenSubjects {
  readonly access: AccessControl
  readonly subjects: readonly Subject[]
}

/** Makes the product's subjects, and asks of each request who calls. @param localKey with which this machine's own command line may do all; undefined where there is none */
export async function openSubjects(
  dependencies: Dependencies,
  localKey?: string,
): Promise<OpenSubjects> {
  const { client, config } = dependencies
  const accounts = openAccounts(dependencies)
  const access = openAccess(dependencies, accounts, localKey)
  const subjects = createSubjects({
    ...dependencies,
    version: packageVersion,
    accounts,
    access,
    models: await openModels(),
    checkTemporal: () => checkTemporal(client, config.temporalNamespace, jobsTaskQueue),
  })
  return { access, subjects }
}

export const openAccess = (
  dependencies: Dependencies,
  accounts: AccountService,
  localKey?: string,
): AccessControl =>
  createAccessControl({ ...dependencies, db: dependencies.database.db, accounts, localKey })

/** Its threads live while a model is read, which is rare: a pool of its own costs nothing meanwhile. */
async function openModels(): Promise<Omit<ModelServiceInput, 'db'>> {
  const shipped = await loadShippedModels(modelsFolder)
  const pool = createModelPool({ threads: 1, idleTimeoutMs: 1_000 })
  return {
    shipped: shipped.map(({ card }) => card),
    readCard: (model) => pool.readCard(model),
    check: (task, model) => checkTaskModel(task, model, pool),
  }
}
