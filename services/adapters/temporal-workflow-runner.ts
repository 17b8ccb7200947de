import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from '@temporalio/client'
import { defineSearchAttributeKey } from '@temporalio/common'
import { progressQuery, type RunWorkflow } from '../../workflow-definitions.js'
import { runAttributes, runWorkflowId } from '../../workflow-ids.js'
import type { FindRunKind, RunReference } from '../runs/run-kind.js'
import type { WorkflowRunner } from '../runs/workflow-runner.js'

/** A caller waits for the start, so it is short; a run whose start timed out is taken back. */
const startDeadlineMs = 4_000
const askDeadlineMs = 2_000
const listDeadlineMs = 10_000
/** A query waits behind a running local activity, and for ever without a worker. */
const queryDeadlineMs = 500
/** A worker that died with a task is missed after this. */
const workflowTaskTimeoutMs = 5_000

const kindAttribute = defineSearchAttributeKey(runAttributes.kind, 'KEYWORD')
const stateAttribute = defineSearchAttributeKey(runAttributes.state, 'KEYWORD')
const keyAttribute = defineSearchAttributeKey(runAttributes.key, 'KEYWORD')

export interface TemporalWorkflowRunnerInput {
  readonly client: Client
  readonly taskQueue: string
  readonly findKind: FindRunKind
  /**
   * One on the connection of workers in this process: what it starts is handed to them with the answer, which
   * spares the way over the task queue.
   */
  readonly eagerClient?: Client | undefined
}

export function createTemporalWorkflowRunner(input: TemporalWorkflowRunnerInput): WorkflowRunner {
  const { client, taskQueue, findKind, eagerClient } = input
  const starter = eagerClient ?? client
  const within = <T>(ms: number, call: () => Promise<T>) =>
    client.withDeadline(Date.now() + ms, call)
  const getWorkflow = ({ kind }: RunReference): RunWorkflow => {
    const workflow = findKind(kind)?.workflow
    if (workflow === undefined) throw new Error(`There is no kind of run named ${kind} here.`)
    return workflow
  }
  const handle = (run: RunReference) =>
    client.workflow.getHandle(runWorkflowId(getWorkflow(run), run.id))

  return {
    start: async (run) => {
      const workflow = getWorkflow(run)
      try {
        await starter.withDeadline(Date.now() + startDeadlineMs, () =>
          starter.workflow.start<NonNullable<RunWorkflow['shape']>>(workflow.type, {
            taskQueue,
            requestEagerStart: eagerClient !== undefined,
            args: [{ runId: run.id }],
            workflowId: runWorkflowId(workflow, run.id),
            workflowIdConflictPolicy: 'USE_EXISTING',
            workflowIdReusePolicy: 'REJECT_DUPLICATE',
            workflowTaskTimeout: workflowTaskTimeoutMs,
            staticSummary: workflow.summary,
            typedSearchAttributes: [
              { key: kindAttribute, value: run.kind },
              { key: stateAttribute, value: 'open' },
              { key: keyAttribute, value: run.id },
            ],
          }),
        )
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
      }
    },

    cancel: async (run) => {
      try {
        await within(askDeadlineMs, () => handle(run).cancel())
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error
      }
    },

    findState: async (run) => {
      try {
        const { status } = await within(askDeadlineMs, () => handle(run).describe())
        return status.name === 'RUNNING' ? 'running' : 'closed'
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return 'missing'
        throw error
      }
    },

    queryProgress: async (run) => {
      try {
        return await within(queryDeadlineMs, () => handle(run).query(progressQuery))
      } catch {
        return undefined
      }
    },

    listClosed: async (since) =>
      await within(listDeadlineMs, async () => {
        const runs: RunReference[] = []
        // A workflow that ends by itself says how in its state; one that was terminated could not.
        const query = `${runAttributes.state} = 'open' and ExecutionStatus != 'Running' and CloseTime > '${since.toISOString()}'`
        for await (const { typedSearchAttributes } of client.workflow.list({ query })) {
          const id = typedSearchAttributes.get(keyAttribute)
          const kind = typedSearchAttributes.get(kindAttribute)
          if (id !== undefined && kind !== undefined) runs.push({ id, kind })
        }
        return runs
      }),
  }
}
