import type { JobProgress } from '../../db/jobs.js'

/** What becomes of a job's workflow, as far as this server may ask: see adapters/temporal-job-runner.ts. */
export interface JobRunner {
  /**
   * Starts a job's workflow; a workflow that was started before counts as started.
   *
   * @throws where Temporal can't be reached in time; whether it started is then unknown
   */
  start(jobId: string): Promise<void>
  /** Asks a workflow to stop; nothing where there is none. */
  cancel(jobId: string): Promise<void>
  /** `missing`: never started, or gone after the retention. */
  findState(jobId: string): Promise<'running' | 'closed' | 'missing'>
  /** What the workflow says of itself; undefined where it didn't answer in time. */
  queryProgress(jobId: string): Promise<JobProgress | undefined>
}
