import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Client, Connection } from '@temporalio/client'
import { startChild } from '../support/child.js'
import type { Later } from '../support/with-cleanup.js'
import { bareTaskQueue } from './steps.js'

/** The peer: a bare workflow on the product's own Temporal server, its worker in a process of its own. */
export interface BareWorkflow {
  readonly client: Client
  readonly pid: number
  /** Runs one to its end. @returns how long that took, and its workflow id */
  run(): Promise<{ durationMs: number; workflowId: string }>
}

const workerFile = fileURLToPath(new URL('./worker.js', import.meta.url))

export async function startBareWorkflow(address: string, later: Later): Promise<BareWorkflow> {
  const worker = startChild({
    name: 'bare worker',
    program: process.execPath,
    args: [workerFile, address],
    ipc: true,
  })
  later(() => worker.stop())
  const ready = once(worker.process, 'message')
  await Promise.race([
    ready,
    worker.ended.then(() => {
      throw new Error(`The bare worker ended. It said:\n${worker.output()}`)
    }),
  ])
  const connection = await Connection.connect({ address })
  later(() => connection.close())
  const client = new Client({ connection })
  return {
    client,
    pid: worker.pid,
    run: async () => {
      const startedAtMs = performance.now()
      const workflowId = `bare/${randomUUID()}`
      await client.workflow.execute('bare', { taskQueue: bareTaskQueue, workflowId, args: [] })
      return { durationMs: performance.now() - startedAtMs, workflowId }
    },
  }
}

export interface HistorySize {
  readonly events: number
  readonly localActivities: number
  /** Tasks scheduled on a queue: activities that are not local. */
  readonly remoteActivities: number
}

/** How much one run left in Temporal. */
export async function readHistorySize(client: Client, workflowId: string): Promise<HistorySize> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory()
  const known = events ?? []
  const markers = known.map((event) => event.markerRecordedEventAttributes?.markerName)
  return {
    events: known.length,
    localActivities: markers.filter((name) => name === 'core_local_activity').length,
    remoteActivities: known.filter((event) => event.activityTaskScheduledEventAttributes != null)
      .length,
  }
}
