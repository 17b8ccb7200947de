/** What a worker of a queue takes at once. */
export interface QueueLimits {
  /** Workflows and their local steps run here too; elsewhere a worker without them saves some 50 MB. */
  readonly hasWorkflows: boolean
  /** Steps that take long. */
  readonly maxActivities: number
}

/** Every task queue there is, with its limits. */
export const taskQueues = {
  /** All workflows, and short steps that somebody waits for. */
  interactive: { hasWorkflows: true, maxActivities: 8 },
  /** What waits for a network: it costs little while it waits, and peers that stall must not hold up the rest. */
  outside: { hasWorkflows: false, maxActivities: 200 },
  /** Files, most of which wait for one of the few readers: there callers take turns, while this queue is first come, first served. */
  files: { hasWorkflows: false, maxActivities: 500 },
  /** Batch chunks. */
  bulk: { hasWorkflows: false, maxActivities: 8 },
} as const satisfies Record<string, QueueLimits>

export type TaskQueue = keyof typeof taskQueues

export const taskQueueNames = Object.keys(taskQueues) as readonly TaskQueue[]

/** Where workflows run. */
export const runsTaskQueue: TaskQueue = 'interactive'
