import { proxyActivities, workflowInfo } from '@temporalio/workflow'
import type { Activities } from '../activities/index.js'
import type { KeepHouseResult, SweepResult } from '../workflow-definitions.js'

/** One attempt: the schedule's next tick picks up what is left. */
const once = (summary: string) =>
  proxyActivities<Activities>({
    summary,
    startToCloseTimeout: '5 minutes',
    heartbeatTimeout: '30 seconds',
    retry: { maximumAttempts: 1 },
  })

/** Runs by schedule: each minute while there are open runs. */
export async function sweepRuns(): Promise<SweepResult> {
  const last = workflowInfo().lastResult as SweepResult | undefined
  return await once('Start forgotten runs, end abandoned ones').sweepRuns({
    closedSince: last?.sweptAt ?? null,
  })
}

/** Runs by schedule: each hour while runs come. */
export async function keepHouse(): Promise<KeepHouseResult> {
  return await once('Clear away what has expired').keepHouse()
}
