import { type NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker'
import type { DataConverter } from '@temporalio/common'
import type { Metrics } from '../services/adapters/metrics.js'
import type { QueueLimits } from '../workflows/task-queues.js'
import { readEarlierInput } from './earlier-input.js'
import { createStepTimer } from './step-timer.js'

export interface CreateWorkerInput {
  readonly connection: NativeConnection
  readonly namespace: string
  readonly taskQueue: string
  readonly limits: QueueLimits
  readonly activities: object
  readonly bundlePath: string
  readonly dataConverter: DataConverter
  readonly sinks: NonNullable<WorkerOptions['sinks']>
  readonly metrics: Metrics
}

/** Each cached workflow keeps memory; beyond this they are replayed from their history. */
const maxCachedWorkflows = 200
/** What is under way gets this long to end before its worker stops. */
const shutdownGraceTime = '5 seconds'

/** One worker for one queue; all of a worker's options are here. */
export async function createWorker(input: CreateWorkerInput): Promise<Worker> {
  const { connection, namespace, taskQueue, limits, activities, bundlePath, dataConverter } = input
  const { sinks } = input
  return await Worker.create({
    connection,
    namespace,
    taskQueue,
    ...(limits.hasWorkflows ? { workflowBundle: { codePath: bundlePath }, sinks } : {}),
    activities,
    dataConverter,
    maxCachedWorkflows,
    maxConcurrentActivityTaskExecutions: limits.maxActivities,
    maxConcurrentLocalActivityExecutions: 50,
    maxConcurrentWorkflowTaskExecutions: 40,
    shutdownGraceTime,
    shutdownForceTime: '8 seconds',
    interceptors: { activity: [createStepTimer(input.metrics), readEarlierInput] },
  })
}
