import { activityInfo, Context, log } from '@temporalio/activity'
import PQueue from 'p-queue'
import type { Db } from '../db/database.js'
import { listDueRuns, recordEnd } from '../db/runs.js'
import type { FindRunKind, RunReference } from '../services/runs/run-kind.js'
import type { WorkflowRunner } from '../services/runs/workflow-runner.js'
import type { SweepResult } from '../workflow-definitions.js'

export interface SweepRunsInput {
  /** ISO: when the sweep before this one began; null where that is not known. */
  readonly closedSince: string | null
}

export interface SweepDependencies {
  readonly db: Db
  readonly runner: WorkflowRunner
  readonly findKind: FindRunKind
}

const maxSilenceMs = 60_000
/** What was closed a moment ago may not be listed yet. */
const listingDelayMs = 30_000
/** The first sweep of a namespace looks this far back. */
const firstLookMs = 24 * 3_600_000
const pageSize = 200
const maxAskedAtOnce = 20

/** Idempotent by the rows' own state: a run that spoke meanwhile is left alone. */
export function createSweepActivities(dependencies: SweepDependencies) {
  return {
    async sweepRuns({ closedSince }: SweepRunsInput): Promise<SweepResult> {
      const nowMs = activityInfo().currentAttemptScheduledTimestampMs
      const sinceMs = closedSince === null ? nowMs - firstLookMs : Date.parse(closedSince)
      const closed = await endClosed(dependencies, new Date(sinceMs - listingDelayMs))
      const due = await lookAtDue(dependencies, nowMs)
      const counts = { started: due.started, ended: closed + due.ended }
      if (counts.started + counts.ended > 0)
        log.warn('The sweeper found forgotten runs.', { ...counts })
      return { ...counts, sweptAt: new Date(nowMs).toISOString() }
    },
  }
}

/** One query finds what was closed from outside, so that a run which waits for days is noticed at once. */
async function endClosed({ db, runner }: SweepDependencies, since: Date): Promise<number> {
  const ids = await runner.listClosed(since)
  return await countDone(ids, async (id) => await endStopped(db, id))
}

/** Only runs that are due are asked about, however many wait for their time. */
async function lookAtDue(
  { db, runner, findKind }: SweepDependencies,
  nowMs: number,
): Promise<{ started: number; ended: number }> {
  const when = { silentSince: new Date(nowMs - maxSilenceMs), now: new Date(nowMs) }
  const counts = { started: 0, ended: 0 }
  const look = async (run: RunReference): Promise<boolean> => {
    const state = await runner.findState(run)
    if (state === 'running') return false
    if (state === 'closed') {
      if (await endStopped(db, run.id)) counts.ended++
      return true
    }
    await runner.start(run)
    counts.started++
    return true
  }
  for (let after: string | undefined; ;) {
    const page = await listDueRuns(db, { ...when, after, limit: pageSize })
    // A kind of a later version, whose workers share the database with this one, is theirs.
    await countDone(
      page.filter(({ kind }) => findKind(kind) !== undefined),
      look,
    )
    after = page.at(-1)?.id
    if (page.length < pageSize) return counts
  }
}

const endStopped = (db: Db, id: string): Promise<boolean> =>
  recordEnd(db, id, { status: 'failed', error: 'stopped_outside' })

/** Does it to all, a few at once. @returns to how many it was done */
async function countDone<Item>(
  items: readonly Item[],
  act: (item: Item) => Promise<boolean>,
): Promise<number> {
  const queue = new PQueue({ concurrency: maxAskedAtOnce })
  const done = await queue.addAll(
    items.map((item) => () => {
      Context.current().heartbeat()
      return act(item)
    }),
  )
  return done.filter(Boolean).length
}
