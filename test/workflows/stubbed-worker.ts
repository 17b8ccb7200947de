import { randomUUID } from 'node:crypto'
import type { Client, WorkflowHandle } from '@temporalio/client'
import type { DataConverter } from '@temporalio/common'
import proto from '@temporalio/proto'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import type { InjectedSinks, NativeConnection } from '@temporalio/worker'
import { createMetrics } from '../../activities/adapters/metrics.js'
import type { Activities } from '../../activities/index.js'
import type { JobProgress } from '../../db/jobs.js'
import { createWorker } from '../../workers/worker.js'
import { jobIdAttribute, jobStateAttribute } from '../../workflow-ids.js'
import type { classifyEmail } from '../../workflows/index.js'
import type { ProgressSinks } from '../../workflows/progress.js'
import { getTimeSkippingEnvironment } from '../support/temporal.js'

/** Where a workflow test runs: the server that skips time, or a real one. */
export interface TestServer {
  readonly client: Client
  readonly nativeConnection: NativeConnection
}

export type ClassifyEmailRun = WorkflowHandle<typeof classifyEmail>

export interface StubbedWorker {
  readonly taskQueue: string
  /** Names of the activities in the order of their attempts. */
  readonly calls: readonly string[]
  /** What went to the sink, in order. */
  readonly reports: readonly JobProgress[]
  /** Starts classifyEmail for a job that only the stubs know. */
  start(jobId?: string): Promise<ClassifyEmailRun>
}

/**
 * The server that skips time, told of our search attributes; it knows no schedules and finds nothing by
 * attributes, so those are tested on a real one.
 */
export async function getSkippingServer(): Promise<TestWorkflowEnvironment> {
  const environment = await getTimeSkippingEnvironment()
  const { operatorService } = environment.connection
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace: 'default' })
  const missing = [jobIdAttribute, jobStateAttribute].filter((name) => !(name in customAttributes))
  if (missing.length > 0)
    await operatorService.addSearchAttributes({
      namespace: 'default',
      searchAttributes: Object.fromEntries(missing.map((name) => [name, keyword])),
    })
  return environment
}

const keyword = proto.temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD

/** Activities that find a text, no provider, and nothing wrong. Typed, so that they can't drift. */
const goodActivities: Activities = {
  openJob: () => Promise.resolve({ source: 'text', hasProvider: false }),
  extractText: () => Promise.resolve({ characters: 12 }),
  detectLanguage: () => Promise.resolve({ language: 'pt' }),
  classify: () => Promise.resolve(judgement),
  classifyWithProvider: () => Promise.resolve(judgement),
  draftReply: () => Promise.resolve({ characters: 40 }),
  draftReplyWithProvider: () => Promise.resolve({ characters: 40 }),
  recordResult: () => Promise.resolve(),
  recordFailure: () => Promise.resolve(),
  sweepJobs: () => Promise.resolve({ started: 0, ended: 0, expiredKeys: 0, removedJobs: 0 }),
}

const judgement = { category: 'Produtivo', topic: 'question', confidence: 0.9 } as const

/** Runs the product's own worker over stubs, on a queue of its own, while `use` lasts. */
export async function withStubbedWorker(
  server: TestServer,
  stubs: Partial<Activities>,
  use: (worker: StubbedWorker) => Promise<void>,
  dataConverter: DataConverter = {},
): Promise<void> {
  const calls: string[] = []
  const reports: JobProgress[] = []
  const taskQueue = `test-${randomUUID()}`
  const worker = await createWorker({
    connection: server.nativeConnection,
    namespace: 'default',
    taskQueue,
    activities: recordCalls({ ...goodActivities, ...stubs }, calls),
    dataConverter,
    sinks: createSink(reports),
    metrics: createMetrics(),
  })
  const start = (jobId: string = randomUUID()) =>
    server.client.workflow.start<typeof classifyEmail>('classifyEmail', {
      taskQueue,
      workflowId: `test/${jobId}`,
      workflowTaskTimeout: '2 seconds',
      args: [{ jobId }],
    })
  await worker.runUntil(use({ taskQueue, calls, reports, start }))
}

function createSink(reports: JobProgress[]): InjectedSinks<ProgressSinks> {
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
