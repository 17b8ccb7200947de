import { randomUUID } from 'node:crypto'
import { Client, Connection, type WorkflowHandle } from '@temporalio/client'
import type { DataConverter } from '@temporalio/common'
import proto from '@temporalio/proto'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import { type InjectedSinks, NativeConnection } from '@temporalio/worker'
import { createMetrics } from '../../services/adapters/metrics.js'
import { prepareNamespace } from '../../services/adapters/temporal-namespace.js'
import type { Activities } from '../../activities/index.js'
import type { RunProgress } from '../../db/run-progress.js'
import { workflowBundlePath } from '../../workers/worker.js'
import { createWorker } from '../../workers/worker.js'
import { runAttributes } from '../../workflow-ids.js'
import type { classifyEmail } from '../../workflows/index.js'
import type { ProgressSinks } from '../../workflows/as-run.js'
import { type QueueLimits, taskQueues } from '../../workflows/task-queues.js'
import { getTemporalServer, getTimeSkippingEnvironment } from '../support/temporal.js'

/** Where a workflow test runs: the server that skips time, or a real one. */
export interface TestServer {
  readonly client: Client
  readonly nativeConnection: NativeConnection
  readonly dataConverter?: DataConverter
}

export type ClassifyEmailRun = WorkflowHandle<typeof classifyEmail>

export interface StubbedWorker {
  /** Names of the activities in the order of their attempts. */
  readonly calls: readonly string[]
  /** What went to the sink, in order. */
  readonly reports: readonly RunProgress[]
  readonly start: (runId?: string) => Promise<ClassifyEmailRun>
}

/**
 * The server that skips time, told of our search attributes; it knows no schedules and finds nothing by
 * attributes, so those are tested on a real one.
 */
export async function getSkippingServer(): Promise<TestWorkflowEnvironment> {
  const environment = await getTimeSkippingEnvironment()
  if (prepared !== environment) {
    await environment.connection.operatorService.addSearchAttributes({
      namespace: 'default',
      searchAttributes: Object.fromEntries(
        Object.values(runAttributes).map((name) => [name, keyword]),
      ),
    })
    prepared = environment
  }
  return environment
}

let prepared: TestWorkflowEnvironment | undefined

/** A real dev server with our search attributes, for what the other can't: cancels of running activities, visibility. */
export async function openRealServer(
  dataConverter: DataConverter = {},
): Promise<TestServer & { close(): Promise<void> }> {
  const { address } = await getTemporalServer()
  const connection = await Connection.connect({ address })
  const client = new Client({ connection, dataConverter })
  await prepareNamespace(client, 'default', 'interactive')
  const nativeConnection = await NativeConnection.connect({ address })
  return {
    client,
    nativeConnection,
    dataConverter,
    close: async () => {
      await nativeConnection.close()
      await connection.close()
    },
  }
}
const keyword = proto.temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD

/** Activities that find a text, no provider, and nothing wrong. Typed, so that they can't drift. */
const goodActivities: Activities = {
  openJob: () => Promise.resolve({ source: 'text', hasProvider: false }),
  extractText: () => Promise.resolve(),
  detectLanguage: () => Promise.resolve({ language: 'pt' }),
  classify: () => Promise.resolve(),
  classifyWithProvider: () => Promise.resolve(),
  draftReply: () => Promise.resolve(),
  draftReplyWithProvider: () => Promise.resolve(),
  recordResult: () => Promise.resolve(),
  recordFailure: () => Promise.resolve(),
  recordWait: ({ epoch, seq }) => Promise.resolve({ epoch, seq }),
  openBatch: () => Promise.resolve({ items: 1, chunkSize: 1, chunks: 1 }),
  classifyChunk: () => Promise.resolve(),
  sweepRuns: () => Promise.resolve({ started: 0, ended: 0, sweptAt: '' }),
  keepHouse: () => Promise.resolve({ cleared: {} }),
}

/** The product's queues have fixed names; a test's own keeps it apart from its neighbours. */
export const newTaskQueue = (): string => `test-${randomUUID()}`

/** Starts classifyEmail for a run that only the stubs know. */
export async function startClassifyEmail(
  server: TestServer,
  taskQueue: string,
  runId: string = randomUUID(),
): Promise<ClassifyEmailRun> {
  return await server.client.workflow.start<typeof classifyEmail>('classifyEmail', {
    taskQueue,
    workflowId: `test/${runId}`,
    workflowTaskTimeout: '2 seconds',
    args: [{ runId }],
  })
}

/**
 * Runs the product's own workers over stubs while `use` lasts: one for workflows, on a queue of its own, and those
 * of the queues that workflows send long steps to.
 */
export async function withStubbedWorker(
  server: TestServer,
  stubs: Partial<Activities>,
  use: (worker: StubbedWorker) => Promise<void>,
  taskQueue: string = newTaskQueue(),
): Promise<void> {
  const calls: string[] = []
  const reports: RunProgress[] = []
  const activities = recordCalls({ ...goodActivities, ...stubs }, calls)
  const create = (queue: string, limits: QueueLimits) =>
    createWorker({
      connection: server.nativeConnection,
      namespace: 'default',
      taskQueue: queue,
      limits,
      activities,
      bundlePath: workflowBundlePath,
      dataConverter: server.dataConverter ?? {},
      sinks: createSink(reports),
      metrics: createMetrics(),
    })
  const { interactive, ...others } = taskQueues
  const worker = await create(taskQueue, interactive)
  const helpers = await Promise.all(
    Object.entries(others).map(([queue, limits]) => create(queue, limits)),
  )
  const running = helpers.map((helper) => helper.run())
  const start = (runId?: string) => startClassifyEmail(server, taskQueue, runId)
  try {
    await worker.runUntil(use({ calls, reports, start }))
  } finally {
    for (const helper of helpers) helper.shutdown()
    await Promise.all(running)
  }
}

function createSink(reports: RunProgress[]): InjectedSinks<ProgressSinks> {
  return {
    progress: {
      report: { fn: (_info, progress) => void reports.push(progress), callDuringReplay: false },
    },
  }
}

function recordCalls(activities: Activities, calls: string[]): Activities {
  const recorded = Object.entries(activities).map(([name, run]) => [
    name,
    (...args: never[]) => {
      calls.push(name)
      return (run as (...args: never[]) => unknown)(...args)
    },
  ])
  return Object.fromEntries(recorded) as Activities
}
