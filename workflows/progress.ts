import { defineSearchAttributeKey } from '@temporalio/common'
import {
  defineQuery,
  proxySinks,
  setCurrentDetails,
  setHandler,
  type Sinks,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow'
import type { JobPosition, JobProgress } from '../db/jobs.js'
import type { JobStatus, JobStep } from '../db/schema.js'
import { jobStateAttribute } from '../workflow-ids.js'

/** Where progress leaves the workflow: best effort, for the row is what readers read. */
export interface ProgressSinks extends Sinks {
  progress: { report(progress: JobProgress): void }
}

/** The job's state as the workflow itself knows it. */
export const progressQuery = defineQuery<JobProgress>('progress')

/** The steps on the way; the end is an activity's, because it must not be lost. */
type StepOnTheWay = Exclude<JobStep, 'queued' | 'done' | 'stopped'>

const steps: Record<StepOnTheWay, { status: JobStatus; progress: number }> = {
  starting: { status: 'processing', progress: 5 },
  extracting_text: { status: 'extracting_text', progress: 15 },
  detecting_language: { status: 'classifying', progress: 35 },
  classifying: { status: 'classifying', progress: 45 },
  generating_response: { status: 'generating_response', progress: 70 },
}

export interface ProgressReporter {
  at(step: StepOnTheWay): void
  /** How far this run has come. */
  position(): JobPosition
  /** `over`: it had ended elsewhere. */
  ended(state: 'completed' | 'failed' | 'over'): void
}

const { progress: sink } = proxySinks<ProgressSinks>()
const jobState = defineSearchAttributeKey(jobStateAttribute, 'KEYWORD')

/** Reports a job's steps to its row, to queries, and to an operator who looks at the workflow. */
export function trackProgress(jobId: string): ProgressReporter {
  // The same for a run that an operator's reset began: what it does again is no news, its further steps are.
  const epoch = workflowInfo().startTime.getTime()
  let current: JobProgress = {
    id: jobId,
    status: 'pending',
    step: 'queued',
    progress: 0,
    epoch,
    seq: 0,
  }
  setHandler(progressQuery, () => current)
  return {
    at: (step) => {
      current = { ...current, ...steps[step], step, seq: current.seq + 1 }
      setCurrentDetails(`Step: ${step} (${current.progress} %)`)
      sink.report(current)
    },
    position: () => ({ epoch, seq: current.seq }),
    ended: (state) => {
      setCurrentDetails(`Ended: ${state}`)
      upsertSearchAttributes([{ key: jobState, value: state }])
    },
  }
}
