import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from '@temporalio/client'
import { defineSearchAttributeKey } from '@temporalio/common'
import type { JobProgress } from '../../db/jobs.js'
import { classifyEmailWorkflowId, jobIdAttribute, jobStateAttribute } from '../../workflow-ids.js'
import type { ClassifyEmailInput } from '../email-classification/email-job.js'
import type { JobRunner } from '../runs/job-runner.js'

/** A caller waits for the start, so it is short; a job whose start timed out is taken back. */
const startDeadlineMs = 4_000
const askDeadlineMs = 2_000
/** A query waits behind a running local activity, and for ever without a worker. */
const queryDeadlineMs = 500
/** A worker that died with a task is missed after this. */
const workflowTaskTimeoutMs = 5_000

const jobId = defineSearchAttributeKey(jobIdAttribute, 'KEYWORD')
const jobState = defineSearchAttributeKey(jobStateAttribute, 'KEYWORD')

/**
 * @param eagerClient one on the connection of workers in this process: what it starts is handed to them
 *   with the answer, which spares the way over the task queue
 */
export function createTemporalJobRunner(
  client: Client,
  taskQueue: string,
  eagerClient?: Client,
): JobRunner {
  const starter = eagerClient ?? client
  const within = <T>(ms: number, call: () => Promise<T>) =>
    client.withDeadline(Date.now() + ms, call)
  const handle = (id: string) => client.workflow.getHandle(classifyEmailWorkflowId(id))

  return {
    start: async (id) => {
      const input: ClassifyEmailInput = { jobId: id }
      try {
        await starter.withDeadline(Date.now() + startDeadlineMs, () =>
          starter.workflow.start('classifyEmail', {
            taskQueue,
            requestEagerStart: eagerClient !== undefined,
            args: [input],
            workflowId: classifyEmailWorkflowId(id),
            workflowIdConflictPolicy: 'USE_EXISTING',
            workflowIdReusePolicy: 'REJECT_DUPLICATE',
            workflowTaskTimeout: workflowTaskTimeoutMs,
            staticSummary: 'Classify one e-mail and draft its answer',
            typedSearchAttributes: [
              { key: jobId, value: id },
              { key: jobState, value: 'open' },
            ],
          }),
        )
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
      }
    },

    cancel: async (id) => {
      try {
        await within(askDeadlineMs, () => handle(id).cancel())
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error
      }
    },

    findState: async (id) => {
      try {
        const { status } = await within(askDeadlineMs, () => handle(id).describe())
        return status.name === 'RUNNING' ? 'running' : 'closed'
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return 'missing'
        throw error
      }
    },

    queryProgress: async (id) => {
      try {
        return await within(queryDeadlineMs, () => handle(id).query<JobProgress>('progress'))
      } catch {
        return undefined
      }
    },
  }
}
