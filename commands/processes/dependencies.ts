import { Client } from '@temporalio/client'
import type { DataConverter } from '@temporalio/common'
import type { NativeConnection } from '@temporalio/worker'
import type { Logger } from 'pino'
import { createMetrics, type Metrics } from '../../services/adapters/metrics.js'
import { createDataConverter } from '../../services/adapters/payload-codec.js'
import { connectToTemporal } from '../../services/adapters/temporal-connection.js'
import { createTemporalWorkflowRunner } from '../../services/adapters/temporal-workflow-runner.js'
import { batchRuns } from '../../services/batches/batch-runs.js'
import { classificationRuns } from '../../services/email-classification/classification-runs.js'
import { createFindRunKind, type FindRunKind, type RunKind } from '../../services/runs/run-kind.js'
import type { WorkflowRunner } from '../../services/runs/workflow-runner.js'
import type { Config } from '../../config/load-config.js'
import {
  embeddedDatabaseFolder,
  type OpenDatabase,
  openEmbeddedDatabase,
  openServerDatabase,
} from '../../db/database.js'
import { createKeyedHash, createKeyRing, type KeyedHash, type KeyRing } from '../../db/key-ring.js'
import type { TaskQueue } from '../../workflows/task-queues.js'

/** What every process of Triagem stands on. Opened here, closed here in reverse. */
export interface Dependencies {
  readonly config: Config
  readonly log: Logger
  readonly temporalAddress: string
  readonly database: OpenDatabase
  readonly keys: KeyRing
  readonly hash: KeyedHash
  readonly metrics: Metrics
  readonly dataConverter: DataConverter
  readonly client: Client
  /** Connects workers; undefined where each opens its own. */
  readonly workerConnection: NativeConnection | undefined
  readonly kinds: readonly RunKind[]
  readonly findKind: FindRunKind
  readonly runner: WorkflowRunner
  close(): Promise<void>
}

export interface OpenDependenciesInput {
  /** With complete secrets: see embedded/generated-keys.ts. */
  readonly config: Config
  readonly log: Logger
  readonly temporalAddress: string
  /** One that is open already and stays its owner's; otherwise the settings say which. */
  readonly database?: OpenDatabase
  /** Where the workers run in this process: jobs are started by it, and a worker of ours gets them at once. */
  readonly workerConnection?: NativeConnection
}

/** Where workflows run. */
export const runsTaskQueue: TaskQueue = 'interactive'

/** Opens what needs no answer from outside: a server that is away is met by the first call. */
export async function openDependencies(input: OpenDependenciesInput): Promise<Dependencies> {
  const { config, log, temporalAddress } = input
  const [hashSecret] = config.secrets.hash
  if (hashSecret === undefined) throw new Error('HASH_KEY is not set.')
  const keys = createKeyRing(config.secrets.encryption)
  const dataConverter = createDataConverter(keys)
  const database = input.database ?? (await openDatabase(config, log))
  const connection = connectToTemporal(temporalAddress)
  const options = { namespace: config.temporalNamespace, dataConverter }
  const client = new Client({ ...options, connection })
  const { workerConnection } = input
  const eagerClient =
    workerConnection === undefined
      ? undefined
      : new Client({ ...options, connection: workerConnection })
  const kinds: readonly RunKind[] = [classificationRuns, batchRuns]
  const findKind = createFindRunKind(kinds)
  return {
    ...input,
    database,
    keys,
    hash: createKeyedHash(hashSecret),
    metrics: createMetrics(),
    dataConverter,
    client,
    workerConnection,
    kinds,
    findKind,
    runner: createTemporalWorkflowRunner({
      client,
      taskQueue: runsTaskQueue,
      findKind,
      eagerClient,
    }),
    close: async () => {
      await connection.close()
      if (input.database === undefined) await database.close()
    },
  }
}

async function openDatabase(config: Config, log: Logger): Promise<OpenDatabase> {
  if (config.database.kind === 'embedded')
    return await openEmbeddedDatabase(embeddedDatabaseFolder(config.dataDir))
  return openServerDatabase(config.database.url, (error) =>
    log.warn({ err: error }, 'A database connection broke; the pool opens another.'),
  )
}
