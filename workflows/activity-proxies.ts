import { type ActivityOptions, proxyActivities, proxyLocalActivities } from '@temporalio/workflow'
import type { Activities } from '../activities/index.js'
import type { TaskQueue } from './task-queues.js'

/** What fails the same way again: defects of ours, sealed values that were changed, a run that is over. */
const hopeless = [
  'TypeError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'DamagedSealError',
  'RunOverError',
]

/**
 * Steps under 100 ms. What fails in them is the database, and a workflow outlasts its outage: a day, with
 * pauses up to 10 s. Every pause is a timer of the workflow, so that a cancel gets through, and no try is made again
 * within the worker: there the SDK leaves the time-out of each earlier try running (temporalio/sdk-rust#1454), which cuts
 * a later one short and panics where it fires after the worker's end.
 * @param summary what an operator reads in Temporal's UI
 */
export const local = (summary: string) =>
  proxyLocalActivities<Activities>({
    summary,
    startToCloseTimeout: '10 seconds',
    scheduleToCloseTimeout: '1 day',
    localRetryThreshold: '0 ms',
    retry: {
      initialInterval: '200 ms',
      maximumInterval: '10 seconds',
      nonRetryableErrorTypes: hopeless,
    },
  })

/** What longer steps differ in. */
type RemoteOptions = Required<Pick<ActivityOptions, 'summary' | 'startToCloseTimeout'>> & {
  readonly taskQueue: TaskQueue
}

/** Longer steps of our own: what fails is the database or the machine, and a workflow outlasts that for a day. */
export const remote = (options: RemoteOptions) =>
  proxyActivities<Activities>({
    ...options,
    scheduleToCloseTimeout: '1 day',
    heartbeatTimeout: '10 seconds',
    retry: {
      initialInterval: '1 second',
      maximumInterval: '30 seconds',
      nonRetryableErrorTypes: hopeless,
    },
  })

/** What asks a model provider: first try, then after 2, 4 and 8 seconds; then the local engine answers. */
export const outside = (summary: string) =>
  proxyActivities<Activities>({
    summary,
    taskQueue: 'outside',
    startToCloseTimeout: '40 seconds',
    heartbeatTimeout: '10 seconds',
    retry: {
      initialInterval: '2 seconds',
      backoffCoefficient: 2,
      maximumAttempts: 4,
      nonRetryableErrorTypes: hopeless,
    },
  })
