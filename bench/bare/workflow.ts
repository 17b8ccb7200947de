import { proxyLocalActivities } from '@temporalio/workflow'
import type * as activities from './activities.js'
import { bareSteps } from './steps.js'

const { doNothing } = proxyLocalActivities<typeof activities>({
  startToCloseTimeout: '10 seconds',
})

/** What Temporal alone costs: the product's number and kind of steps without anything in them. */
export async function bare(): Promise<void> {
  for (let step = 0; step < bareSteps; step++) await doNothing()
}
