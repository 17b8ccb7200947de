import { proxyActivities } from '@temporalio/workflow'
import type { RunInput, RunResult } from '../../workflow-definitions.js'
import { asRun } from '../../workflows/as-run.js'
import { errandWorkflow } from './errand-definition.js'
import type { ErrandActivities, OpenedErrand } from './errand-activities.js'

// The subject's line in workflows/index.ts: its bundle has the product's workflows beside its own.
export { classifyBatch, classifyEmail, keepHouse, sweepRuns } from '../../workflows/index.js'

export type ErrandStep = 'packing' | 'travelling' | 'delivering'

const interactive = proxyActivities<ErrandActivities>({ startToCloseTimeout: '10 seconds' })
const outside = proxyActivities<ErrandActivities>({
  taskQueue: 'outside',
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '5 seconds',
})

/** Packs, travels for a time that its row says, delivers; begins where an earlier workflow had come to. */
export function runErrand(input: RunInput): Promise<RunResult> {
  return asRun<ErrandStep, OpenedErrand>({
    workflow: errandWorkflow,
    input,
    open: (run) => interactive.openErrand(run),
    work: async (run, { reached, arrivesAt }) => {
      if (reached === 'start') {
        run.at('packing', 20)
        await interactive.packErrand(run)
      }
      if (reached !== 'delivering') await run.waitUntil('travelling', 50, new Date(arrivesAt))
      run.at('delivering', 80, { done: 0, total: 1 })
      await outside.deliverErrand(run)
    },
  })
}
