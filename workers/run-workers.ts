import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { NativeConnection, type Worker } from '@temporalio/worker'
import { createInferenceProvider } from '../services/adapters/inference.js'
import { prepareNamespace } from '../services/adapters/temporal-namespace.js'
import { createModelPool } from '../engine/pool/model-pool.js'
import { type Activities, createActivities } from '../activities/index.js'
import { openCurrentModels } from '../services/models/current-models.js'
import { followClassifier } from '../services/models/follow-classifier.js'
import { loadTaskModels } from '../services/models/task-models.js'
import { commonCleanUps } from '../services/housekeeping/clean-up.js'
import { packageRoot } from '../config/package-root.js'
import { type TaskQueue, taskQueues } from '../workflows/task-queues.js'
import { type Dependencies, runsTaskQueue } from '../commands/processes/dependencies.js'
import { createProgressSink } from './progress-sink.js'
import { createWorker } from './worker.js'

export interface RunningWorkers {
  /** Whether every worker is polling now. */
  isRunning(): boolean
  /** What is under way is ended or handed back; then the workers stop. */
  stop(): Promise<void>
}

/** Models that the build trained from the shipped examples. */
export const modelsFolder = join(packageRoot, 'dist', 'models')

/** A page of mail is a few thousand characters; these bounds are generous and end what is hostile. */
const pdfLimits = { maxPages: 200, timeoutMs: 60_000, maxCharacters: 2_000_000 }
const inferenceTimeoutMs = 20_000
const retryDelayMs = 1_000

/**
 * Runs one worker for each queue until stopped. A Temporal server that is away or goes away is waited
 * for, however long.
 */
export async function runWorkers(
  dependencies: Dependencies,
  queues: readonly TaskQueue[],
): Promise<RunningWorkers> {
  const { activities, close } = await openActivities(dependencies)
  const stopping = new AbortController()
  const running = new Map<TaskQueue, Worker>()
  const finished = queues.map((queue) =>
    keepRunning(dependencies, activities, queue, stopping.signal, running),
  )
  return {
    isRunning: () => queues.every((queue) => running.get(queue)?.getState() === 'RUNNING'),
    stop: async () => {
      stopping.abort()
      for (const worker of running.values()) if (worker.getState() === 'RUNNING') worker.shutdown()
      await Promise.all(finished)
      await close()
    },
  }
}

async function openActivities(
  dependencies: Dependencies,
): Promise<{ activities: Activities; close: () => Promise<void> }> {
  const { config, database, findKind, keys, log, runner } = dependencies
  const pool = createModelPool()
  const models = await loadTaskModels(modelsFolder, pool)
  const current = await openCurrentModels({ database, log, slots: models.slots })
  const activities = createActivities({
    db: database.db,
    keys,
    runner,
    findKind,
    cleanUps: commonCleanUps,
    classifier: followClassifier(() => models.email()),
    provider:
      config.inference === undefined
        ? undefined
        : createInferenceProvider({ ...config.inference, timeoutMs: inferenceTimeoutMs }),
    pdfLimits,
    models,
    pool,
  })
  return {
    activities,
    close: async () => {
      // First who asks the pool.
      await current.close()
      await pool.close()
    },
  }
}

async function keepRunning(
  dependencies: Dependencies,
  activities: Activities,
  taskQueue: TaskQueue,
  stopping: AbortSignal,
  running: Map<TaskQueue, Worker>,
): Promise<void> {
  const { log } = dependencies
  while (!stopping.aborted) {
    try {
      await runOnce(dependencies, activities, taskQueue, stopping, running)
    } catch (error) {
      log.warn({ err: error, taskQueue }, 'A worker stopped; it is started again.')
      await delay(retryDelayMs, undefined, { signal: stopping }).catch(() => undefined)
    } finally {
      running.delete(taskQueue)
    }
  }
}

async function runOnce(
  dependencies: Dependencies,
  activities: Activities,
  taskQueue: TaskQueue,
  stopping: AbortSignal,
  running: Map<TaskQueue, Worker>,
): Promise<void> {
  const { client, config, database, dataConverter, log, metrics, temporalAddress } = dependencies
  const namespace = config.temporalNamespace
  const connection =
    dependencies.workerConnection ?? (await NativeConnection.connect({ address: temporalAddress }))
  try {
    if (taskQueue === runsTaskQueue) await prepareNamespace(client, namespace, taskQueue)
    const worker = await createWorker({
      connection,
      namespace,
      taskQueue,
      limits: taskQueues[taskQueue],
      activities,
      dataConverter,
      sinks: createProgressSink(database.db, log),
      metrics,
    })
    running.set(taskQueue, worker)
    const run = worker.run()
    // A worker holds the connection until it has run: one that came too late runs and ends at once.
    if (stopping.aborted) worker.shutdown()
    await run
  } finally {
    if (dependencies.workerConnection === undefined) await connection.close()
  }
}
