import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from '@temporalio/client'
import type { DataConverter } from '@temporalio/common'
import { NativeConnection, type Worker } from '@temporalio/worker'
import type { Logger } from 'pino'
import type { Db } from '../db/database.js'
import type { Metrics } from '../services/adapters/metrics.js'
import { prepareNamespace } from '../services/adapters/temporal-namespace.js'
import { runsTaskQueue, type TaskQueue, taskQueues } from '../workflows/task-queues.js'
import { createProgressSink } from './progress-sink.js'
import { watchSchedules } from './watch-schedules.js'
import { createWorker } from './worker.js'

export interface RunWorkersInput {
  /** Each gets a worker of its own. */
  readonly queues: readonly TaskQueue[]
  readonly activities: object
  /** The workflows as one script: see worker.ts. */
  readonly bundlePath: string
  readonly client: Client
  readonly namespace: string
  readonly temporalAddress: string
  /** One that is open already and stays its owner's; without it each worker opens its own. */
  readonly workerConnection?: NativeConnection | undefined
  readonly dataConverter: DataConverter
  readonly db: Db
  readonly metrics: Metrics
  readonly log: Logger
}

export interface RunningWorkers {
  /** Whether every worker is polling now. */
  isRunning(): boolean
  /** What is under way is ended or handed back; then the workers stop. */
  stop(): Promise<void>
}

const retryDelayMs = 1_000

/** Runs one worker for each queue until stopped. A Temporal server that is away is waited for, however long. */
export function runWorkers(input: RunWorkersInput): RunningWorkers {
  const { queues } = input
  const stopping = new AbortController()
  const running = new Map<TaskQueue, Worker>()
  const finished = queues.map((queue) => keepRunning(input, queue, stopping.signal, running))
  return {
    isRunning: () => queues.every((queue) => running.get(queue)?.getState() === 'RUNNING'),
    stop: async () => {
      stopping.abort()
      for (const worker of running.values()) if (worker.getState() === 'RUNNING') worker.shutdown()
      await Promise.all(finished)
    },
  }
}

async function keepRunning(
  input: RunWorkersInput,
  taskQueue: TaskQueue,
  stopping: AbortSignal,
  running: Map<TaskQueue, Worker>,
): Promise<void> {
  while (!stopping.aborted) {
    try {
      await runOnce(input, taskQueue, stopping, running)
    } catch (error) {
      input.log.warn({ err: error, taskQueue }, 'A worker stopped; it is started again.')
      await delay(retryDelayMs, undefined, { signal: stopping }).catch(() => undefined)
    } finally {
      running.delete(taskQueue)
    }
  }
}

async function runOnce(
  input: RunWorkersInput,
  taskQueue: TaskQueue,
  stopping: AbortSignal,
  running: Map<TaskQueue, Worker>,
): Promise<void> {
  const { client, namespace, temporalAddress, workerConnection, db, log } = input
  const connection =
    workerConnection ?? (await NativeConnection.connect({ address: temporalAddress }))
  let endWatch: (() => void) | undefined
  try {
    if (taskQueue === runsTaskQueue) {
      await prepareNamespace(client, namespace, taskQueue)
      endWatch = watchSchedules({ client, db, log })
    }
    const sinks = createProgressSink(db, log)
    const worker = await createWorker({
      ...{ ...input, connection, taskQueue, sinks },
      limits: taskQueues[taskQueue],
    })
    running.set(taskQueue, worker)
    const run = worker.run()
    // A worker holds the connection until it has run: one that came too late runs and ends at once.
    if (stopping.aborted) worker.shutdown()
    await run
  } finally {
    endWatch?.()
    if (workerConnection === undefined) await connection.close()
  }
}
