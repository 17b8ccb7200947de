import { join } from 'node:path'
import type { DataConverter } from '@temporalio/common'
import {
  type ActivityInboundCallsInterceptor,
  type ActivityInterceptorsFactory,
  DefaultLogger,
  makeTelemetryFilterString,
  type NativeConnection,
  Runtime,
  Worker,
  type WorkerOptions,
} from '@temporalio/worker'
import type { Logger } from 'pino'
import { packageRoot } from '../config/package.js'
import type { Metrics } from '../services/adapters/metrics.js'
import type { QueueLimits } from '../workflows/task-queues.js'
import { markExpectedEnds } from './expected-ends.js'
import { readTemporalLine } from './temporal-line.js'

/** The workflows as one script, made at build time: a start needs no webpack. */
export const workflowBundlePath = join(packageRoot, 'dist', 'workflow-bundle.js')

/** Once for each process, before any worker: Temporal's own lines go to our log, signals stay ours. */
export function installTemporalRuntime(log: Logger): void {
  Runtime.install({
    shutdownSignals: [],
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      // A queue without workflows is meant to have none.
      if (message.startsWith('No workflows registered')) return
      const line = readTemporalLine(meta)
      if (level === 'ERROR') log.error(line, message)
      else log.warn(line, message)
    }),
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }), forward: {} },
    },
  })
}

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
    interceptors: {
      activity: [markExpectedEnds, createStepTimer(input.metrics), readEarlierInput],
    },
  })
}

/** Measures every attempt of every step. */
export function createStepTimer({ stepSeconds }: Metrics): ActivityInterceptorsFactory {
  return (context) => {
    const step = context.info.activityType
    const inbound: ActivityInboundCallsInterceptor = {
      async execute(input, next) {
        const stop = stepSeconds.startTimer({ step })
        try {
          const result = await next(input)
          stop({ outcome: 'done' })
          return result
        } catch (error) {
          stop({ outcome: 'failed' })
          throw error
        }
      },
    }
    return { inbound }
  }
}

/** As workflows of version 0.1 named the run that a step is for. */
interface EarlierInput {
  readonly jobId: string
}

/** Steps that a worker of version 0.1 has scheduled and not ended are taken over under today's name of their run. */
const readEarlierInput: ActivityInterceptorsFactory = () => {
  const inbound: ActivityInboundCallsInterceptor = {
    execute: (input, next) => {
      const [first, ...rest] = input.args
      return next(
        isEarlier(first) ? { ...input, args: [{ ...first, runId: first.jobId }, ...rest] } : input,
      )
    },
  }
  return { inbound }
}

const isEarlier = (input: unknown): input is EarlierInput =>
  typeof input === 'object' && input !== null && 'jobId' in input && !('runId' in input)
