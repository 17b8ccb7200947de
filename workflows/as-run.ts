import { defineSearchAttributeKey } from '@temporalio/common'
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  proxySinks,
  setCurrentDetails,
  setHandler,
  type Sinks,
  sleep,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow'
import type { RunProgress } from '../db/run-progress.js'
import {
  progressQuery,
  type RunInput,
  type RunResult,
  type RunWorkflow,
} from '../workflow-definitions.js'
import { runAttributes } from '../workflow-ids.js'
import { local } from './activity-proxies.js'

/** Where progress leaves the workflow: best effort, for the row is what readers read. */
export interface ProgressSinks extends Sinks {
  progress: { report(progress: RunProgress): void }
}

/** How many of the run's items are done. */
export type Counts = Pick<RunProgress, 'done' | 'total'>

/** What the work of a run is given to say how far it has come. */
export interface Run<Step extends string> extends RunInput {
  /** @param progress percent */
  readonly at: (step: Step, progress: number, counts?: Counts) => void
  /** Waits until then. Its row says so: a workflow that begins this run anew finds it there. */
  readonly waitUntil: (step: Step, progress: number, until: Date) => Promise<void>
}

export interface RunFrame<Step extends string, Opened> {
  readonly workflow: RunWorkflow
  /** A workflow of version 0.1 was given its run under another name. */
  readonly input: RunInput | { readonly jobId: string }
  /** The first step: looks up what is to be worked on. @returns null where the run is over or gone */
  readonly open: (input: RunInput) => Promise<Opened | null>
  readonly work: (run: Run<Step>, opened: Opened) => Promise<void>
}

const { progress: sink } = proxySinks<ProgressSinks>()
const stateAttribute = defineSearchAttributeKey(runAttributes.state, 'KEYWORD')

/**
 * The frame around every workflow of a run: it begins, works, tells how far it has come, and writes its end, in
 * every case and once. Where another end came first (a cancel, a removal) it ends without effect.
 */
export async function asRun<Step extends string, Opened>(
  frame: RunFrame<Step, Opened>,
): Promise<RunResult> {
  const runId = 'runId' in frame.input ? frame.input.runId : frame.input.jobId
  const { report, position, wait } = trackProgress(frame.workflow.kind, runId)
  try {
    report('starting', 5)
    const opened = await frame.open({ runId })
    if (opened === null) return over()
    await frame.work({ runId, at: report, waitUntil: wait }, opened)
    // A cancel that comes now comes too late: row and workflow shall not tell two ends.
    await CancellationScope.nonCancellable(() =>
      local('Record the result').recordResult({ runId, ...position() }),
    )
    return end({ outcome: 'completed' })
  } catch (error) {
    const reason = readReason(error)
    if (reason === 'over') return over()
    await CancellationScope.nonCancellable(() =>
      local('Record the failure').recordFailure({ runId, error: reason, ...position() }),
    )
    const failed = end({ outcome: 'failed', error: reason })
    // What the user can mend is no failure of the system; the rest is to be seen by the operator.
    if (reason === 'cancelled' || reason === 'internal') throw error
    return failed
  }
}

/** Another end came first, or the run was removed: nothing is left to be done or said. */
const over = () => end({ outcome: 'over' })

function end(result: RunResult): RunResult {
  setCurrentDetails(`Ended: ${result.outcome}`)
  upsertSearchAttributes([{ key: stateAttribute, value: result.outcome }])
  return result
}

/** Reports a run's steps to its row, to queries, and to an operator who looks at the workflow. */
function trackProgress(kind: string, id: string) {
  // The same for a run that an operator's reset began: what it does again is no news, its further steps are.
  const epoch = workflowInfo().startTime.getTime()
  let current: RunProgress = {
    ...{ id, kind, status: 'pending', step: 'queued', progress: 0, done: null, total: null },
    ...{ epoch, seq: 0 },
  }
  setHandler(progressQuery, () => current)
  const take = (next: Pick<RunProgress, 'status' | 'step' | 'progress'> & Partial<Counts>) => {
    current = { ...current, ...next, seq: current.seq + 1 }
    setCurrentDetails(`Step: ${current.step} (${current.progress} %)`)
  }
  return {
    position: () => ({ epoch: current.epoch, seq: current.seq }),
    report: (step: string, progress: number, counts: Partial<Counts> = {}) => {
      take({ status: 'running', step, progress, ...counts })
      sink.report(current)
    },
    wait: async (step: string, progress: number, until: Date) => {
      take({ status: 'waiting', step, progress })
      const position = await local('Record the wait').recordWait({
        ...{ runId: id, epoch: current.epoch, seq: current.seq, step, progress },
        until: until.toISOString(),
      })
      current = { ...current, ...position }
      await sleep(Math.max(0, until.getTime() - Date.now()))
    },
  }
}

/** The types of failures which say that the run is over: of today's services, and in histories of version 0.1. */
const overTypes: readonly unknown[] = ['RunOverError', 'job_over']

/** Whether a failure of a step says that the run is over. */
export const isRunOver = (error: unknown): boolean => overTypes.includes(findFailure(error)?.type)

/** What a step threw: a local one's failure comes as it is, a remote one's in a failure of the activity. */
function findFailure(error: unknown): ApplicationFailure | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : error
  return cause instanceof ApplicationFailure ? cause : undefined
}

/** The one word that the row keeps. Only what an activity called permanent has a code of its own: see failuresOf(). */
function readReason(error: unknown): string {
  if (isCancellation(error)) return 'cancelled'
  if (isRunOver(error)) return 'over'
  const failure = findFailure(error)
  return failure?.nonRetryable === true ? (failure.type ?? 'internal') : 'internal'
}
