import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleHandle,
  ScheduleNotFoundError,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
} from '@temporalio/client'
import proto from '@temporalio/proto'
import {
  keepHouseWorkflow,
  sweepRunsWorkflow,
  type WorkflowDefinition,
} from '../../workflow-definitions.js'
import {
  keepHouseScheduleId,
  retiredScheduleIds,
  runAttributes,
  sweepRunsScheduleId,
} from '../../workflow-ids.js'

const { INDEXED_VALUE_TYPE_KEYWORD } = proto.temporal.api.enums.v1.IndexedValueType
const grpcAlreadyExists = 6
const grpcFailedPrecondition = 9
/** A schedule that took no action for longer is made anew. */
const maxMissedMs = 3 * 24 * 3_600_000

interface Schedule {
  readonly id: string
  readonly workflow: WorkflowDefinition<undefined, unknown>
  /** When it runs beside its daily time. */
  readonly oftener: string
}

/** What runs by itself. */
const schedules: readonly Schedule[] = [
  {
    id: sweepRunsScheduleId,
    workflow: sweepRunsWorkflow,
    oftener: 'Each minute while runs are open',
  },
  {
    id: keepHouseScheduleId,
    workflow: keepHouseWorkflow,
    oftener: 'Each hour after runs were accepted',
  },
]

/**
 * Whether there is work or not. One action writes some 2 MB to Temporal's file, which each minute came to 3 GB a day for
 * a product that nobody used: while there is work the workers let them run oftener (watch-schedules.ts).
 */
const every = '1 day'

/**
 * Makes a namespace ready for us; every worker does it at its start, and doing it again changes nothing.
 *
 * @param taskQueue where scheduled workflows run
 * @param now a time other than the present, for tests
 * @throws where the namespace is missing or the server can't be reached
 */
export async function prepareNamespace(
  client: Client,
  namespace: string,
  taskQueue: string,
  now = new Date(),
): Promise<void> {
  await registerSearchAttributes(client, namespace)
  for (const schedule of schedules) await putSchedule(client, describe(schedule, taskQueue), now)
  for (const id of retiredScheduleIds) await deleteSchedule(client, id)
}

/** By these an operator finds a run in the Web UI. */
async function registerSearchAttributes(client: Client, namespace: string): Promise<void> {
  const { operatorService } = client.connection
  const known = await operatorService.listSearchAttributes({ namespace })
  const missing = Object.values(runAttributes).filter(
    (name) => known.customAttributes[name] === undefined,
  )
  if (missing.length === 0) return
  try {
    await operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(
        missing.map((name) => [name, INDEXED_VALUE_TYPE_KEYWORD]),
      ),
    })
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
  }
}

/**
 * Overlapping ones are skipped, and what was missed while the server was away is not made up for. Nothing in it is
 * sealed, so that it can be read and changed whichever key is at hand.
 */
const describe = ({ id, workflow, oftener }: Schedule, taskQueue: string) =>
  ({
    scheduleId: id,
    spec: { intervals: [{ every }] },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
    state: { note: `${workflow.summary}. ${oftener}.` },
    action: {
      type: 'startWorkflow',
      workflowType: workflow.type,
      workflowId: id,
      args: [],
      taskQueue,
      workflowExecutionTimeout: '10 minutes',
    },
  }) satisfies ScheduleOptions

/**
 * Creates a schedule, or makes one of an earlier version as it is to be; one that was paused stays so. A schedule that
 * nobody ran for long is made anew: Temporal's scheduler goes through every time that was missed, and earlier versions
 * ran one each minute, which after some
 * weeks takes longer than its own deadline (seen with server 1.32 after 90 days), and then it never runs again.
 */
async function putSchedule(
  client: Client,
  wanted: ReturnType<typeof describe>,
  now: Date,
): Promise<void> {
  if (await createIfAbsent(client, wanted)) return
  try {
    await bringUpToDate(client, wanted, now)
  } catch (error) {
    // Another process has just deleted it, to make it anew as this one would.
    if (!(error instanceof ScheduleNotFoundError) && !isClosing(error)) throw error
  }
}

/** The server's answer while a schedule is being deleted. */
const isClosing = (error: unknown): boolean =>
  error instanceof Error &&
  error.cause instanceof Error &&
  'code' in error.cause &&
  error.cause.code === grpcFailedPrecondition

/** @returns whether it was not there */
async function createIfAbsent(client: Client, wanted: ScheduleOptions): Promise<boolean> {
  try {
    await client.schedule.create(wanted)
    return true
  } catch (error) {
    if (error instanceof ScheduleAlreadyRunning) return false
    throw error
  }
}

/** @returns whether it was there */
async function deleteIfPresent(schedule: ScheduleHandle): Promise<boolean> {
  try {
    await schedule.delete()
    return true
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return false
    throw error
  }
}

/** @throws ScheduleNotFoundError where another process deletes it meanwhile */
async function bringUpToDate(
  client: Client,
  wanted: ReturnType<typeof describe>,
  now: Date,
): Promise<void> {
  const schedule = client.schedule.getHandle(wanted.scheduleId)
  const { info, state } = await schedule.describe()
  const lastHeardOf = info.recentActions.at(-1)?.takenAt ?? info.createdAt
  const paused = { ...wanted.state, paused: state.paused }
  if (now.getTime() - lastHeardOf.getTime() > maxMissedMs) {
    // Several processes may do this at once. Whoever is late finds it deleted, or there again.
    await deleteIfPresent(schedule)
    await createIfAbsent(client, { ...wanted, state: paused })
  } else {
    const { spec, policies, action } = wanted
    await schedule.update((present) => ({
      ...{ spec, policies, action },
      state: { ...present.state, ...paused },
    }))
  }
}

/** What it started last may still run, and no worker of this version knows it. */
async function deleteSchedule(client: Client, id: string): Promise<void> {
  if (!(await deleteIfPresent(client.schedule.getHandle(id)))) return
  const query = `TemporalScheduledById = '${id}' and ExecutionStatus = 'Running'`
  for await (const { workflowId } of client.workflow.list({ query }))
    await client.workflow.getHandle(workflowId).terminate('Its schedule is retired.')
}

function isAlreadyExists(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === grpcAlreadyExists
}
