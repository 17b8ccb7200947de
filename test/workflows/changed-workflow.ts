import { proxyLocalActivities } from '@temporalio/workflow'
import type { RunInput, RunResult } from '../../workflow-definitions.js'
import type { Activities } from '../../activities/index.js'

const activities = proxyLocalActivities<Activities>({ startToCloseTimeout: '10 seconds' })

/** What a careless change makes of the workflow: one step left out. Only replay.test.ts runs it. */
export async function classifyEmail({ runId }: RunInput): Promise<RunResult> {
  await activities.openJob({ runId })
  await activities.detectLanguage({ runId })
  return { outcome: 'completed' }
}
