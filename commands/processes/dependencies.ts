import { Client } from '@temporalio/client'
import type { DataConverter } from '@temporalio/common'
import type { NativeConnection } from '@temporalio/worker'
import type { Logger } from 'pino'
import type { Config } from '../../config/load-config.js'
import type { OpenDatabase } from '../../db/database.js'
import { createKeyedHash, createKeyRing, type KeyedHash, type KeyRing } from '../../db/key-ring.js'
import { createMetrics, type Metrics } from '../../services/adapters/metrics.js'
import { createDataConverter } from '../../services/adapters/payload-codec.js'
import { connectToTemporal } from '../../services/adapters/temporal-connection.js'
import { createTemporalWorkflowRunner } from '../../services/adapters/temporal-workflow-runner.js'
import { createFindRunKind, type FindRunKind, type RunKind } from '../../services/runs/run-kind.js'
import { createFreeDisk, type FreeDisk } from '../../services/housekeeping/free-disk.js'
import type { WorkflowRunner } from '../../services/runs/workflow-runner.js'
import { runsTaskQueue } from '../../workflows/task-queues.js'
import type { Lifecycle } from './lifecycle.js'
import type { ProductSubject } from './subjects.js'

export interface DependenciesInput {
  /** With complete secrets: see one-machine/generated-keys.ts. */
  readonly config: Config
  readonly log: Logger
  readonly temporalAddress: string
  readonly database: OpenDatabase
  readonly subjects: readonly ProductSubject[]
  /** Where workers run in this process: it starts runs too, so that a worker of ours gets them at once. */
  readonly workerConnection?: NativeConnection | undefined
}

/** What every process of Triagem stands on. */
export interface Dependencies extends DependenciesInput {
  readonly keys: KeyRing
  readonly hash: KeyedHash
  readonly metrics: Metrics
  readonly dataConverter: DataConverter
  readonly client: Client
  readonly kinds: readonly RunKind[]
  readonly findKind: FindRunKind
  readonly runner: WorkflowRunner
  readonly disk: FreeDisk
}

const unknownKeySentence =
  'Something was sealed with a key that this process lacks. It waits until a process has the key: add it to ENC_KEY and restart.'

/** Opens what needs no answer from outside: a server that is away is met by the first call. */
export function openDependencies(lifecycle: Lifecycle, input: DependenciesInput): Dependencies {
  const { config, temporalAddress, workerConnection } = input
  const [hashSecret] = config.secrets.hash
  if (hashSecret === undefined) throw new Error('HASH_KEY is not set.')
  const keys = createKeyRing(config.secrets.encryption, (keyId) =>
    input.log.error({ keyId }, unknownKeySentence),
  )
  const dataConverter = createDataConverter(keys)
  const connection = lifecycle.opened(
    'connection to Temporal',
    connectToTemporal(temporalAddress),
    (opened) => opened.close(),
  )
  const options = { namespace: config.temporalNamespace, dataConverter }
  const client = new Client({ ...options, connection })
  const eagerClient =
    workerConnection === undefined
      ? undefined
      : new Client({ ...options, connection: workerConnection })
  const kinds = input.subjects.flatMap(({ runKinds }) => runKinds)
  const findKind = createFindRunKind(kinds)
  return {
    ...input,
    keys,
    hash: createKeyedHash(hashSecret),
    metrics: createMetrics(),
    dataConverter,
    client,
    kinds,
    findKind,
    disk: createFreeDisk({
      folder: input.database.embedded === undefined ? undefined : config.dataDir,
      minFreeBytes: config.minFreeDiskBytes,
    }),
    runner: createTemporalWorkflowRunner({
      client,
      taskQueue: runsTaskQueue,
      findKind,
      eagerClient,
    }),
  }
}
