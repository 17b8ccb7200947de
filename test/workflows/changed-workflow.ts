import { proxyLocalActivities } from '@temporalio/workflow'
import type {
  ClassifyEmailInput,
  ClassifyEmailResult,
} from '../../services/email-classification/email-job.js'
import type { Activities } from '../../activities/index.js'

const activities = proxyLocalActivities<Activities>({ startToCloseTimeout: '10 seconds' })

/** What a careless change makes of the workflow: one step left out. Only replay.test.ts runs it. */
export async function classifyEmail({ jobId }: ClassifyEmailInput): Promise<ClassifyEmailResult> {
  await activities.openJob({ jobId })
  await activities.detectLanguage({ jobId })
  return { outcome: 'completed' }
}
