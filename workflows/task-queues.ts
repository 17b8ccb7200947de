/** `interactive`: workflows, and what somebody waits for; `bulk`: batch chunks, training, backfills. */
export const taskQueues = ['interactive', 'bulk'] as const

export type TaskQueue = (typeof taskQueues)[number]

/** Where jobs run. */
export const jobsTaskQueue: TaskQueue = 'interactive'
