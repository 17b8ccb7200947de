import { z } from 'zod'
import type { Db } from '../../db/database.js'
import {
  findJobsForSockets,
  type JobProgress,
  jobProgressChannel,
  type JobStateRow,
  recordEnd,
} from '../../db/jobs.js'
import { isFinalStatus, jobStatuses, jobSteps } from '../../db/schema.js'
import type { JobRunner } from '../../services/runs/job-runner.js'
import type { StateFeedSource } from './state-source.js'

export interface JobSourceInput {
  readonly db: Db
  readonly runner: JobRunner
}

const progressSchema = z.object({
  id: z.string(),
  status: z.enum(jobStatuses),
  step: z.enum(jobSteps),
  progress: z.number(),
  epoch: z.number(),
  seq: z.number(),
}) satisfies z.ZodType<JobProgress>
const uuid = z.uuid()

/** Classification jobs, as a state feed follows them. */
export function createJobSource(input: JobSourceInput): StateFeedSource<JobProgress, JobStateRow> {
  const { db, runner } = input
  return {
    notifyChannel: jobProgressChannel,
    isId: (text) => uuid.safeParse(text).success,
    parseProgress,
    readRows: (ids) => findJobsForSockets(db, ids),
    toProgress: ({ id, status, step, progress, epoch, seq }) => ({
      id,
      status,
      step,
      progress,
      epoch,
      seq,
    }),
    findPhase: ({ status }) =>
      isFinalStatus(status) ? 'ended' : status === 'pending' ? 'pending' : 'running',
    // Those who saw a job at work are told how it ended; for all others a removed job is unknown.
    isShown: (row, wasSeen) => row.deleted_at === null || (wasSeen && row.status !== 'completed'),
    // A worker of another version may answer with words that this gateway doesn't know.
    askProgress: async (id) => progressSchema.safeParse(await runner.queryProgress(id)).data,
    findState: (id) => runner.findState(id),
    endStopped: (id, reached) =>
      recordEnd(db, id, { status: 'failed', error: 'stopped_outside' }, reached),
  }
}

function parseProgress(payload: string): JobProgress | undefined {
  try {
    return progressSchema.parse(JSON.parse(payload))
  } catch {
    return undefined
  }
}
