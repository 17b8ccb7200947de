import type { RunReference } from '../../../services/runs/run-kind.js'
import type { WorkflowRunner } from '../../../services/runs/workflow-runner.js'

/** Stands for Temporal where Temporal is not the subject: it notes what it was asked. */
export interface FakeWorkflowRunner extends WorkflowRunner {
  /** Ids of runs whose start was asked for, in order, whether it succeeded or not. */
  readonly started: string[]
  readonly cancelled: string[]
}

/** @param behaviour what it does instead of agreeing */
export function createFakeWorkflowRunner(
  behaviour: Partial<Pick<WorkflowRunner, 'start' | 'cancel'>> = {},
): FakeWorkflowRunner {
  const started: string[] = []
  const cancelled: string[] = []
  return {
    started,
    cancelled,
    start: async (run: RunReference) => {
      started.push(run.id)
      await behaviour.start?.(run)
    },
    cancel: async (run: RunReference) => {
      cancelled.push(run.id)
      await behaviour.cancel?.(run)
    },
    findState: () => Promise.resolve('running'),
    queryProgress: () => Promise.resolve(undefined),
    listClosed: () => Promise.resolve([]),
  }
}
