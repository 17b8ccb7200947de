import { type AccessControl, createAccessControl } from '../../api/access/access-control.js'
import type { SocketImplementation } from '../../api/live/gateway.js'
import { accountsSubject } from '../../api/routes/accounts/subject.js'
import { batchesSubject } from '../../api/routes/batches/subject.js'
import { emailClassificationSubject } from '../../api/routes/email-classification/subject.js'
import { internalMailSubject } from '../../api/routes/internal-mail/subject.js'
import { modelsSubject } from '../../api/routes/models/subject.js'
import { operationSubject } from '../../api/routes/operation/subject.js'
import { runsSubject } from '../../api/routes/runs/subject.js'
import type { ServedSubject, Subject } from '../../api/subject.js'
import { packageVersion } from '../../config/package.js'
import type { Db } from '../../db/database.js'
import { createModelPool } from '../../engine/pool/model-pool.js'
import type { AccountService } from '../../services/accounts/account-service.js'
import type { Tokens } from '../../services/accounts/tokens.js'
import { checkTemporal, type TemporalHealth } from '../../services/adapters/temporal-health.js'
import { createSchedules, type Schedules } from '../../services/adapters/temporal-schedules.js'
import type { ModelServiceInput } from '../../services/models/model-service.js'
import { loadShippedModels, modelsFolder } from '../../services/models/shipped-models.js'
import { checkTaskModel } from '../../services/models/task-models.js'
import { createBacklog } from '../../services/runs/backlog.js'
import { createWithdrawals } from '../../services/runs/withdrawals.js'
import { createRunService, type RunService } from '../../services/runs/run-service.js'
import { runsTaskQueue } from '../../workflows/task-queues.js'
import type { Dependencies } from './dependencies.js'
import type { Lifecycle } from './lifecycle.js'
import { openAccounts, openTokens } from './open-accounts.js'

/** All that subjects are made from where they serve; each takes what it needs. */
export interface SubjectParts extends Pick<
  Dependencies,
  'config' | 'disk' | 'findKind' | 'hash' | 'keys' | 'kinds' | 'log' | 'metrics'
> {
  readonly db: Db
  readonly version: string
  readonly accounts: AccountService
  readonly tokens: Tokens
  readonly access: AccessControl
  readonly runs: RunService
  readonly models: Omit<ModelServiceInput, 'db'>
  readonly checkTemporal: () => Promise<TemporalHealth>
  readonly schedules: Schedules
  readonly findSockets: () => SocketImplementation | undefined
}

export type ProductSubject = Subject<SubjectParts>

/** The subjects of the product. A new one is added here. */
export const productSubjects: readonly ProductSubject[] = [
  runsSubject,
  emailClassificationSubject,
  batchesSubject,
  accountsSubject,
  internalMailSubject,
  modelsSubject,
  operationSubject,
]

export interface OpenSubjects {
  readonly access: AccessControl
  readonly served: readonly ServedSubject[]
}

export interface OpenSubjectsInput {
  /** With which this machine's own command line may do all; undefined where there is none. */
  readonly localKey?: string | undefined
  /** What serves the sockets, once that is known in this process. */
  readonly findSockets?: (() => SocketImplementation | undefined) | undefined
}

/** Makes what the product's subjects serve, and what says of each request who calls. */
export async function openSubjects(
  lifecycle: Lifecycle,
  dependencies: Dependencies,
  { localKey, findSockets = () => undefined }: OpenSubjectsInput = {},
): Promise<OpenSubjects> {
  const { client, config, database, subjects } = dependencies
  const accounts = openAccounts(dependencies)
  const access = openAccess(dependencies, accounts, localKey)
  const parts = {
    ...dependencies,
    db: database.db,
    version: packageVersion,
    accounts,
    tokens: openTokens(config),
    access,
    runs: openRuns(lifecycle, dependencies),
    models: await openModels(),
    schedules: createSchedules(client),
    checkTemporal: () => checkTemporal(client, config.temporalNamespace, runsTaskQueue),
    findSockets,
  }
  return { access, served: subjects.map((subject) => subject.serve(parts)) }
}

export const openAccess = (
  dependencies: Dependencies,
  accounts: AccountService,
  localKey?: string,
): AccessControl =>
  createAccessControl({ ...dependencies, db: dependencies.database.db, accounts, localKey })

function openRuns(
  lifecycle: Lifecycle,
  { config, database, findKind, runner, log }: Dependencies,
): RunService {
  const withdrawals = createWithdrawals({ db: database.db })
  lifecycle.opened('withdrawals', withdrawals, () => withdrawals.close())
  return createRunService({
    withdrawals,
    backlog: createBacklog({
      db: database.db,
      maxOpen: config.maxOpenJobs,
      onFull: () => log.warn('New work is refused: as much as MAX_OPEN_JOBS allows is under way.'),
    }),
    db: database.db,
    findKind,
    runner,
    onUnheardCancel: (error) =>
      log.warn({ err: error }, 'A workflow could not be told of a cancel.'),
  })
}

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
