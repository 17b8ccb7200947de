import { randomUUID } from 'node:crypto'
import { type Client, ScheduleNotFoundError } from '@temporalio/client'
import { runAttributes, scheduleIds } from '../../workflow-ids.js'
import { Refusal } from '../refusal.js'

/** Something that runs by itself. */
export interface ScheduleState {
  readonly name: string
  /** What it does, in one sentence. */
  readonly note: string
  readonly isPaused: boolean
  readonly everySeconds: number
  readonly lastRun: Date | undefined
  readonly nextRun: Date | undefined
}

export const scheduleActions = ['pause', 'resume', 'run'] as const
export type ScheduleAction = (typeof scheduleActions)[number]

export interface Schedules {
  /** @throws SchedulesUnavailableError */
  list(): Promise<ScheduleState[]>
  /**
   * @returns how it is afterwards; undefined where none has that name
   * @throws SchedulesUnavailableError
   */
  move(name: string, action: ScheduleAction): Promise<ScheduleState | undefined>
}

/** Temporal could not be reached. */
export class SchedulesUnavailableError extends Refusal<'unavailable'> {
  override readonly name = 'SchedulesUnavailableError'
  constructor(cause: unknown) {
    super('unavailable', { message: 'The schedules could not be reached.', cause })
  }
}

const deadlineMs = 4_000
const grpcResourceExhausted = 8

/** What runs by itself, as Temporal keeps it. */
export function createSchedules(client: Client): Schedules {
  const describe = async (name: string): Promise<ScheduleState | undefined> => {
    try {
      const { state, spec, info } = await client.schedule.getHandle(name).describe()
      return {
        name,
        note: state.note ?? '',
        isPaused: state.paused,
        everySeconds: (spec.intervals?.[0]?.every ?? 0) / 1_000,
        lastRun: info.recentActions.at(-1)?.takenAt,
        nextRun: state.paused ? undefined : info.nextActionTimes[0],
      }
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) return undefined
      throw error
    }
  }
  const within = async <T>(call: () => Promise<T>): Promise<T> => {
    try {
      return await client.withDeadline(Date.now() + deadlineMs, call)
    } catch (error) {
      throw new SchedulesUnavailableError(error)
    }
  }
  return {
    list: () =>
      within(async () => {
        const found = await Promise.all(scheduleIds.map(describe))
        return found.filter((state) => state !== undefined)
      }),
    move: (name, action) =>
      within(async () => {
        if (!scheduleIds.some((id) => id === name)) return undefined
        const handle = client.schedule.getHandle(name)
        const state = await describe(name)
        if (state === undefined) return undefined
        // The server would put a note of its own in place of ours.
        if (action === 'pause') await handle.pause(state.note)
        else if (action === 'resume') await handle.unpause(state.note)
        else await handle.trigger()
        return await describe(name)
      }),
  }
}

/** Lets a schedule's workflow run now, unless it is paused, or ran since then. */
export async function runUnlessRecent(client: Client, name: string, since: Date): Promise<void> {
  const schedule = client.schedule.getHandle(name)
  const { state, info } = await schedule.describe()
  const lastRun = info.recentActions.at(-1)?.takenAt
  if (state.paused || (lastRun !== undefined && lastRun > since)) return
  await schedule.trigger()
}

/**
 * Lets the server delete the workflows of runs that ended well before then, at its own pace. Each takes some 30 KB of
 * its file; what users see of a run is in its row. Those that failed stay for an operator to look at until the
 * namespace's own retention.
 */
export async function deleteEndedRuns(client: Client, before: Date): Promise<void> {
  const { namespace } = client.options
  try {
    await client.workflowService.startBatchOperation({
      namespace,
      jobId: `clear-ended-${randomUUID()}`,
      reason: 'Ended and kept long enough.',
      visibilityQuery: `${runAttributes.state} in ('completed', 'over') and CloseTime < '${before.toISOString()}'`,
      deletionOperation: { identity: 'triagem' },
    })
  } catch (error) {
    // The one before is still at it: what it leaves is for the next.
    if (!isBusy(error)) throw error
  }
}

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === grpcResourceExhausted

/** So many in a sweep. */
const maxDeletedAtOnce = 50

/**
 * Deletes the ended workflows of schedules. Each takes some 30 KB of Temporal's file for as long as it is kept, and
 * nobody looks at one that found nothing to do. The last result is kept with the schedule.
 *
 * @returns how many
 */
export async function deleteEndedScheduled(client: Client): Promise<number> {
  const ids = scheduleIds.map((id) => `'${id}'`).join(', ')
  const query = `TemporalScheduledById in (${ids}) and ExecutionStatus = 'Completed'`
  let deleted = 0
  for await (const { workflowId, runId } of client.workflow.list({
    query,
    pageSize: maxDeletedAtOnce,
  })) {
    if (deleted === maxDeletedAtOnce) break
    await client.workflowService.deleteWorkflowExecution({
      namespace: client.options.namespace,
      workflowExecution: { workflowId, runId },
    })
    deleted++
  }
  return deleted
}
