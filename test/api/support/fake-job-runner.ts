import type { JobRunner } from '../../../services/runs/job-runner.js'

/** Stands for Temporal where Temporal is not the subject: it notes what it was asked. */
export interface FakeJobRunner extends JobRunner {
  /** Jobs whose start was asked for, in order, whether it succeeded or not. */
  readonly started: string[]
  readonly cancelled: string[]
}

/** @param behaviour what it does instead of agreeing */
export function createFakeJobRunner(
  behaviour: Partial<Pick<JobRunner, 'start' | 'cancel'>> = {},
): FakeJobRunner {
  const started: string[] = []
  const cancelled: string[] = []
  return {
    started,
    cancelled,
    start: async (jobId) => {
      started.push(jobId)
      await behaviour.start?.(jobId)
    },
    cancel: async (jobId) => {
      cancelled.push(jobId)
      await behaviour.cancel?.(jobId)
    },
    findState: () => Promise.resolve('running'),
    queryProgress: () => Promise.resolve(undefined),
  }
}
