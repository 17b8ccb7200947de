import { activityInfo, Context, log } from '@temporalio/activity'
import PQueue from 'p-queue'
import type { Db } from '../db/database.js'
import { recordEnd } from '../db/run-progress.js'
import { listDueRuns } from '../db/runs.js'
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
  /** Clears away the ended workflows of schedules, its own among them. */
  readonly clearSchedules: () => Promise<unknown>
}

const maxSilenceMs = 60_000
/** What was closed a moment ago may not be listed yet. */
const listingDelayMs = 30_000
/** The first sweep of a namespace looks this far back. */
const firstLookMs = 24 * 3_600_000
const pageSize = 200
const maxAskedAtOnce = 20
/** Then it isn't single runs that are at fault: nothing more is asked. */
const maxErrors = 100

/**
 * Idempotent by the rows' own state: a run that spoke meanwhile is left alone. What can't be done for one run keeps no
 * other from being looked at; the first error is thrown at the end, so that the sweep after this one looks as far back.
 */
export function createSweepActivities(dependencies: SweepDependencies) {
  return {
    async sweepRuns({ closedSince }: SweepRunsInput): Promise<SweepResult> {
      const nowMs = activityInfo().currentAttemptScheduledTimestampMs
      const sinceMs = closedSince === null ? nowMs - firstLookMs : Date.parse(closedSince)
      const sweep = createSweep(dependencies)
      await sweep.endClosed(new Date(sinceMs - listingDelayMs))
      await sweep.lookAtDue(nowMs)
      await sweep.clearSchedules()
      const { started, ended, errors } = sweep.found
      if (started + ended > 0)
        log.warn(`The sweeper found forgotten runs: ${started} started, ${ended} ended.`)
      if (errors.length > 0) throw errors[0]
      return { started, ended, sweptAt: new Date(nowMs).toISOString() }
    },
  }
}

function createSweep({ db, runner, findKind, clearSchedules }: SweepDependencies) {
  const found = { started: 0, ended: 0, errors: [] as unknown[] }
  const queue = new PQueue({ concurrency: maxAskedAtOnce })

  const attempt = async (act: () => Promise<void>): Promise<void> => {
    Context.current().heartbeat()
    if (found.errors.length >= maxErrors) return
    try {
      await act()
    } catch (error) {
      found.errors.push(error)
    }
  }
  // A kind of a later version, whose workers share the database with this one, is theirs.
  const forEach = async (
    runs: readonly RunReference[],
    act: (run: RunReference) => Promise<void>,
  ): Promise<void> => {
    const known = runs.filter(({ kind }) => findKind(kind) !== undefined)
    await queue.addAll(known.map((run) => () => attempt(() => act(run))))
  }
  const endStopped = async ({ id }: RunReference): Promise<void> => {
    if (await recordEnd(db, id, { status: 'failed', error: 'stopped_outside' })) found.ended++
  }

  return {
    found,

    clearSchedules: (): Promise<void> =>
      attempt(async () => {
        await clearSchedules()
      }),

    /**
     * One query finds what was closed from outside, so that a run which waits for days is noticed at once. After an
     * operator's reset another workflow of the run goes on: then it isn't over.
     */
    endClosed: (since: Date): Promise<void> =>
      attempt(async () =>
        forEach(await runner.listClosed(since), async (run) => {
          if ((await runner.findState(run)) === 'closed') await endStopped(run)
        }),
      ),

    /** Only runs that are due are asked about, however many wait for their time. */
    lookAtDue: (nowMs: number): Promise<void> =>
      attempt(async () => {
        const when = { silentSince: new Date(nowMs - maxSilenceMs), now: new Date(nowMs) }
        for (let after: string | undefined; ;) {
          const page = await listDueRuns(db, { ...when, after, limit: pageSize })
          await forEach(page, async (run) => {
            const state = await runner.findState(run)
            if (state === 'running') return
            if (state === 'closed') {
              await endStopped(run)
              return
            }
            await runner.start(run)
            found.started++
          })
          after = page.at(-1)?.id
          if (page.length < pageSize) return
        }
      }),
  }
}
