import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { WorkflowRunner } from '../../services/runs/workflow-runner.js'
import type { Db } from '../../db/database.js'
import { findRunsForSockets, type RunProgress, recordEnd } from '../../db/runs.js'
import { isFinalStatus, type RunRow, runStatuses } from '../../db/schema.js'
import { createBatchReader } from './batch-reader.js'

/** Told of what changed for a watched job; each call has the whole state. */
export interface LiveUpdateHandlers {
  /** A step on the way, newer than any before. */
  onProgress(progress: RunProgress): void
  /** The end, with result or error in the row. Nothing follows. */
  onEnd(row: RunRow): void
  /** There is no such job. Nothing follows. */
  onUnknown(jobId: string): void
}

export interface LiveUpdates {
  /** Watches a job; its present state follows as soon as it is known. May be called again for the same job. */
  watch(jobId: string): void
  unwatch(jobId: string): void
  /** The newest state known of a watched job. */
  findLatest(jobId: string): RunProgress | undefined
  /** @param payload what NOTIFY carried */
  onNotification(payload: string): void
  /** Hints were lost: every watched job is read again. */
  resync(): void
  close(): void
}

export interface LiveUpdatesInput {
  readonly db: Db
  readonly runner: WorkflowRunner
  readonly log: Logger
  readonly handlers: LiveUpdateHandlers
  readonly timing?: LiveUpdateTiming
}

export interface LiveUpdateTiming {
  readonly tickMs: number
  /** A watched job of which nothing new was heard for this long is looked up: workflow, then row. */
  readonly silenceMs: number
  /** A job that says nothing for this long after a socket came is asked for its progress. */
  readonly quietMs: number
}

const usualTiming: LiveUpdateTiming = { tickMs: 1_000, silenceMs: 5_000, quietMs: 250 }
/** A job that waits for a worker has nothing to tell, and a query would wait with it: it is left alone so many times longer. */
const pendingPatience = 8
/** The rest waits for the next tick; those looked up now are the last in line then. */
const lookUpsPerTick = 50

interface WatchedJob {
  latest: RunProgress | undefined
  /** When something new was heard, or the last look-up began. */
  heardAtMs: number
  /** How often something new was heard. */
  news: number
}

const progressSchema = z.object({
  id: z.string(),
  kind: z.string(),
  status: z.enum(runStatuses),
  step: z.string(),
  progress: z.number(),
  done: z.number().nullable(),
  total: z.number().nullable(),
  epoch: z.number(),
  seq: z.number(),
}) satisfies z.ZodType<RunProgress>

/**
 * Follows the jobs that somebody watches. NOTIFY is a hint, the row is the truth, and the workflow is
 * asked where the row may lag behind or nothing writes it any more.
 */
export function createLiveUpdates(input: LiveUpdatesInput): LiveUpdates {
  const { db, runner, log, handlers, timing = usualTiming } = input
  const watched = new Map<string, WatchedJob>()
  /** Outlives a watch: one query in flight for each job, however often its sockets come and go. */
  const asking = new Set<string>()

  function takeProgress(next: RunProgress): void {
    const job = watched.get(next.id)
    if (job === undefined || !isNewer(next, job.latest)) return
    job.heardAtMs = Date.now()
    job.news++
    // Progress never falls, even where a reset has begun the work again.
    job.latest = { ...next, progress: Math.max(next.progress, job.latest?.progress ?? 0) }
    handlers.onProgress(job.latest)
  }

  function takeRow(row: RunRow): void {
    if (!isFinalStatus(row.status)) {
      const { id, kind, status, step, progress, done, total, epoch, seq } = row
      takeProgress({ id, kind, status, step, progress, done, total, epoch, seq })
      return
    }
    const latest = watched.get(row.id)?.latest
    if (!watched.delete(row.id)) return
    // Whoever saw a job at work is told how it ended; to all others a removed job is none.
    if (row.removed_at !== null && (latest === undefined || row.status === 'completed'))
      handlers.onUnknown(row.id)
    else handlers.onEnd(latest === undefined ? row : follow(row, latest))
  }

  const { read, clear } = createBatchReader<string>(async (ids) => {
    try {
      const rows = await findRunsForSockets(db, ids)
      const found = new Map(rows.map((row) => [row.id, row]))
      for (const id of ids) {
        const row = found.get(id)
        if (row !== undefined) takeRow(row)
        else if (watched.delete(id)) handlers.onUnknown(id)
      }
    } catch (error) {
      // Still watched, still silent: a later tick reads them again.
      log.warn({ err: error }, 'Watched jobs could not be read.')
    }
  })

  /**
   * Asks a workflow that stays quiet. One that works speaks of itself, and a query would only wait behind
   * its local activities and hold up its next task: it cost a short job half its time.
   */
  async function askIfQuiet(jobId: string, job: WatchedJob): Promise<void> {
    if (asking.has(jobId)) return
    asking.add(jobId)
    // A job that wasn't known yet is about to give its present state, which is no sign of life.
    const expected = job.latest === undefined ? 1 : job.news
    try {
      await delay(timing.quietMs, undefined, { ref: false })
      const isAnswered = () => watched.get(jobId) !== job || job.news > expected
      if (isAnswered()) return
      if (job.latest?.status === 'pending') {
        await delay(timing.quietMs * (pendingPatience - 1), undefined, { ref: false })
        if (isAnswered()) return
      }
      // A worker of another version may answer with words that this gateway doesn't know.
      const answer = progressSchema.safeParse(
        await runner.queryProgress({ id: jobId, kind: job.latest?.kind ?? 'classification' }),
      )
      if (answer.success) take(answer.data)
    } catch (error) {
      log.warn({ err: error }, 'A workflow could not be asked for its progress.')
    } finally {
      asking.delete(jobId)
    }
  }

  /** A workflow that was closed from outside writes nothing more: its row is ended here. */
  async function lookUp(jobId: string): Promise<void> {
    try {
      if (
        (await runner.findState({
          id: jobId,
          kind: watched.get(jobId)?.latest?.kind ?? 'classification',
        })) === 'closed'
      ) {
        const reached = watched.get(jobId)?.latest
        await recordEnd(db, jobId, { status: 'failed', error: 'stopped_outside' }, reached)
      }
    } catch (error) {
      log.warn({ err: error }, 'A silent job could not be looked up.')
    }
    read(jobId)
  }

  /** The end has result or error, which only the row knows. */
  function take(progress: RunProgress): void {
    if (!watched.has(progress.id)) return
    if (isFinalStatus(progress.status)) read(progress.id)
    else takeProgress(progress)
  }

  function tick(): void {
    const now = Date.now()
    let lookUps = 0
    for (const [jobId, job] of watched) {
      const isKnown = job.latest !== undefined
      // What isn't known yet could not be read: the database is tried again at each tick.
      if (now - job.heardAtMs < (isKnown ? timing.silenceMs : timing.tickMs)) continue
      if (isKnown && ++lookUps > lookUpsPerTick) continue
      job.heardAtMs = now
      if (isKnown) {
        // To the end of the line, so that the first ones don't keep the others from their turn.
        watched.delete(jobId)
        watched.set(jobId, job)
        void lookUp(jobId)
      } else read(jobId)
    }
  }

  const timer = setInterval(tick, timing.tickMs)
  return {
    watch: (jobId) => {
      const job = watched.get(jobId) ?? { latest: undefined, heardAtMs: Date.now(), news: 0 }
      watched.set(jobId, job)
      read(jobId)
      void askIfQuiet(jobId, job)
    },
    unwatch: (jobId) => {
      watched.delete(jobId)
    },
    findLatest: (jobId) => watched.get(jobId)?.latest,
    onNotification: (payload) => {
      const progress = parseProgress(payload)
      if (progress !== undefined) take(progress)
    },
    resync: () => {
      for (const jobId of watched.keys()) read(jobId)
    },
    close: () => {
      clearInterval(timer)
      watched.clear()
      clear()
    },
  }
}

const isNewer = (next: RunProgress, latest: RunProgress | undefined): boolean =>
  latest === undefined ||
  next.epoch > latest.epoch ||
  (next.epoch === latest.epoch && next.seq > latest.seq)

/** An end as it looks after what readers have seen: the workflow may have told them more than the row knew. */
function follow(row: RunRow, latest: RunProgress): RunRow {
  const position = isNewer(row, latest) ? row : { epoch: latest.epoch, seq: latest.seq + 1 }
  return {
    ...row,
    epoch: position.epoch,
    seq: position.seq,
    progress: Math.max(row.progress, latest.progress),
  }
}

function parseProgress(payload: string): RunProgress | undefined {
  try {
    return progressSchema.parse(JSON.parse(payload))
  } catch {
    return undefined
  }
}
