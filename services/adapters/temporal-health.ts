import type { Client } from '@temporalio/client'
import proto from '@temporalio/proto'

export interface TemporalHealth {
  readonly temporal: boolean
  /** A worker asked this queue for work a short while ago. */
  readonly workers: boolean
}

/** A poll lasts up to a minute and renews the poller's time when it begins. */
const pollerSilenceMs = 75_000
const deadlineMs = 2_000

/** Asks the server itself; an answer that doesn't come in time is a no. */
export async function checkTemporal(
  client: Client,
  namespace: string,
  taskQueue: string,
): Promise<TemporalHealth> {
  const { TASK_QUEUE_TYPE_WORKFLOW } = proto.temporal.api.enums.v1.TaskQueueType
  try {
    const { pollers } = await client.withDeadline(Date.now() + deadlineMs, () =>
      client.workflowService.describeTaskQueue({
        namespace,
        taskQueue: { name: taskQueue },
        taskQueueType: TASK_QUEUE_TYPE_WORKFLOW,
      }),
    )
    const newestMs = Math.max(
      ...pollers.map((poller) => Number(poller.lastAccessTime?.seconds ?? 0) * 1000),
    )
    return { temporal: true, workers: Date.now() - newestMs < pollerSilenceMs }
  } catch {
    return { temporal: false, workers: false }
  }
}
