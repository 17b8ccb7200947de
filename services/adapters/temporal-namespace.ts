import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client'
import proto from '@temporalio/proto'
import { jobIdAttribute, jobStateAttribute, sweepJobsScheduleId } from '../../workflow-ids.js'

const { INDEXED_VALUE_TYPE_KEYWORD } = proto.temporal.api.enums.v1.IndexedValueType
const grpcAlreadyExists = 6

/**
 * Makes a namespace ready for us; every worker does it at its start, and doing it again changes nothing.
 *
 * @param taskQueue where the sweeper runs
 * @throws where the namespace is missing or the server can't be reached
 */
export async function prepareNamespace(
  client: Client,
  namespace: string,
  taskQueue: string,
): Promise<void> {
  await registerSearchAttributes(client, namespace)
  await createSweeperSchedule(client, taskQueue)
}

/** By these an operator finds a job in the Web UI. */
async function registerSearchAttributes(client: Client, namespace: string): Promise<void> {
  const { operatorService } = client.connection
  const known = await operatorService.listSearchAttributes({ namespace })
  const missing = [jobIdAttribute, jobStateAttribute].filter(
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

/** Overlapping runs are skipped, and what was missed while the server was away is not made up for. */
async function createSweeperSchedule(client: Client, taskQueue: string): Promise<void> {
  try {
    await client.schedule.create({
      scheduleId: sweepJobsScheduleId,
      spec: { intervals: [{ every: '1 minute' }] },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
      state: {
        note: 'Starts jobs that nothing runs, ends jobs whose workflow was closed from outside.',
      },
      action: {
        type: 'startWorkflow',
        workflowType: 'sweepJobs',
        workflowId: sweepJobsScheduleId,
        taskQueue,
        workflowExecutionTimeout: '10 minutes',
        staticSummary: 'Start forgotten jobs, end abandoned ones',
      },
    })
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error
  }
}

function isAlreadyExists(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === grpcAlreadyExists
}
