import { z } from 'zod'
import type { Db } from '../../../db/database.js'
import type { KeyRing } from '../../../db/key-ring.js'
import { recordEnd, type RunNews, runProgressChannel } from '../../../db/run-progress.js'
import { findRunsForSockets } from '../../../db/runs.js'
import { isFinalStatus, type RunRow, runStatuses } from '../../../db/schema/runs.js'
import { findResults, type FindRunKind } from '../../../services/runs/run-kind.js'
import type { WorkflowRunner } from '../../../services/runs/workflow-runner.js'
import type { StateFeedSource } from '../../live/state-source.js'

export interface RunSourceInput {
  readonly db: Db
  readonly keys: KeyRing
  readonly runner: WorkflowRunner
  readonly findKind: FindRunKind
}

/** A run with what it gave, which is opened only when it is shown: its key may be gone. */
export interface RunWithResult extends RunRow {
  /** @returns undefined where there is none @throws where no key opens it */
  readResult(): unknown
}

const newsSchema = z.object({
  id: z.string(),
  kind: z.string(),
  status: z.enum(runStatuses),
  step: z.string(),
  progress: z.number(),
  done: z.number().nullable(),
  total: z.number().nullable(),
  epoch: z.number(),
  seq: z.number(),
  created_at: z.coerce.date(),
}) satisfies z.ZodType<RunNews>
const answerSchema = newsSchema.omit({ created_at: true })
const uuid = z.uuid()

/** Runs of every kind, as a state feed follows them. */
export function createRunSource(input: RunSourceInput): StateFeedSource<RunNews, RunWithResult> {
  const { db, runner, findKind } = input
  // Another version's kind: its workflow is known there alone, so such a run is followed by its row and its news.
  const isForeign = ({ kind }: RunNews) => findKind(kind) === undefined
  return {
    notifyChannel: runProgressChannel,
    isId: (text) => uuid.safeParse(text).success,
    parseProgress,
    readRows: async (ids) => {
      const rows = await findRunsForSockets(db, ids)
      const results = await findResults(input, rows)
      return rows.map((row) => ({ ...row, readResult: () => results.get(row.id)?.() }))
    },
    toProgress: ({ id, kind, status, step, progress, done, total, epoch, seq, created_at }) => ({
      ...{ id, kind, status, step, progress, done, total, epoch, seq, created_at },
    }),
    findPhase: ({ status }) => (isFinalStatus(status) ? 'ended' : status),
    // Those who saw a run at work are told how it ended; for all others a removed run is unknown.
    isShown: (row, wasSeen) => row.removed_at === null || (wasSeen && row.status !== 'completed'),
    askProgress: async (state) => {
      if (isForeign(state)) return undefined
      // A worker of another version may answer with words that this gateway doesn't know.
      const { data } = answerSchema.safeParse(await runner.queryProgress(state))
      return data && { ...data, created_at: state.created_at }
    },
    findState: async (state) => (isForeign(state) ? 'running' : await runner.findState(state)),
    endStopped: (state) =>
      recordEnd(db, state.id, { status: 'failed', error: 'stopped_outside' }, state),
  }
}

function parseProgress(payload: string): RunNews | undefined {
  try {
    return newsSchema.parse(JSON.parse(payload))
  } catch {
    return undefined
  }
}
