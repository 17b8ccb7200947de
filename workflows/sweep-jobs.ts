import { proxyActivities } from '@temporalio/workflow'
import type { Activities } from '../activities/index.js'
import type { SweepJobsResult } from '../activities/sweep-jobs.js'

/** One attempt: the schedule's next tick picks up what is left. */
const activities = proxyActivities<Activities>({
  summary: 'Start forgotten jobs, end abandoned ones, clear what has expired',
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '30 seconds',
  retry: { maximumAttempts: 1 },
})

/** Runs by schedule, once a minute. */
export async function sweepJobs(): Promise<SweepJobsResult> {
  return await activities.sweepJobs()
}
