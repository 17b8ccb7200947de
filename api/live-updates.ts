import type { Logger } from 'pino'
import { z } from 'zod'
import type { JobRunner } from '../activities/email/job-runner.js'
import type { Db } from '../db/database.js'
import { findJobsForSockets, type JobProgress, type JobStateRow, recordEnd } from '../db/jobs.js'
import { isFinalStatus, jobStatuses, jobSteps } from '../db/schema.js'

/** Told of what changed for a watched job; each call has the whole state. */
export interface LiveUpdateHandlers {
  /** A step on the way, newer than any before. */
  onProgress(progress: JobProgress): void
  /** The end, with result or error in the row. Nothing follows. */
  onEnd(row: JobStateRow): void
  /** There is no such job. Nothing follows. */
  onUnknown(jobId: string): void
}

export interface LiveUpdates {
  /** Watches a job; its present state follows as soon as it is known. May be called again for the same job. */
  watch(jobId: string): void
  unwatch(jobId: string): void
  /** The newest state known of a watched job. */
  findLatest(jobId: string): JobProgress | undefined
  /** @param payload what NOTIFY carried */
  onNotification(payload: string): void
  /** Hints were lost: every watched job is read again. */
  resync(): void
  close(): void
}

export interface LiveUpdatesInput {
  readonly db: Db
  readonly runner: JobRunner
  readonly log: Logger
  readonly handlers: LiveUpdateHandlers
}

const tickMs = 1_000
/** A watched job of which nothing was heard for this long is looked up: row, then workflow. */
const silenceMs = 5_000
/** The rest waits for the next tick; those looked up now are the last in line then. */
const lookUpsPerTick = 50
const readAtOnce = 500

interface WatchedJob {
  latest: JobProgress | undefined
  heardAtMs: number
  /** One query in flight for each job. */
  asking: boolean
}

const progressSchema = z.object({
  id: z.string(),
  status: z.enum(jobStatuses),
  step: z.enum(jobSteps),
  progress: z.number(),
  epoch: z.number(),
  seq: z.number(),
}) satisfies z.ZodType<JobProgress>

/**
 * Follows the jobs that somebody watches. NOTIFY is a hint, the row is the truth, and the workflow is
 * asked where the row may lag behind or nothing writes it any more.
 */
export function createLiveUpdates({ db, runner, log, handlers }: LiveUpdatesInput): LiveUpdates {
  const watched = new Map<string, WatchedJob>()
  const toRead = new Set<string>()
  let reading = false

  const isNewer = (job: WatchedJob, next: JobProgress) =>
    job.latest === undefined ||
    next.epoch > job.latest.epoch ||
    (next.epoch === job.latest.epoch && next.seq > job.latest.seq)

  function takeProgress(next: JobProgress): void {
    const job = watched.get(next.id)
    if (job === undefined) return
    job.heardAtMs = Date.now()
    if (!isNewer(job, next)) return
    // Progress never falls, even where a reset has begun the work again.
    job.latest = { ...next, progress: Math.max(next.progress, job.latest?.progress ?? 0) }
    handlers.onProgress(job.latest)
  }

  function takeRow(row: JobStateRow): void {
    if (!isFinalStatus(row.status)) {
      const { id, status, step, progress, epoch, seq } = row
      takeProgress({ id, status, step, progress, epoch, seq })
      return
    }
    if (watched.delete(row.id)) handlers.onEnd(row)
  }

  /** Reads rows in batches; what is asked for while a batch is under way goes into the next one. */
  function read(jobId: string): void {
    toRead.add(jobId)
    if (reading) return
    reading = true
    void readAll().finally(() => {
      reading = false
    })
  }

  async function readAll(): Promise<void> {
    // The sockets that open in the same turn share one statement.
    await Promise.resolve()
    while (toRead.size > 0) {
      const ids = [...toRead].slice(0, readAtOnce)
      for (const id of ids) toRead.delete(id)
      try {
        const rows = await findJobsForSockets(db, ids)
        const found = new Map(rows.map((row) => [row.id, row]))
        for (const id of ids) {
          const row = found.get(id)
          if (row !== undefined) takeRow(row)
          else if (watched.delete(id)) handlers.onUnknown(id)
        }
      } catch (error) {
        // Still watched, still silent: the next tick reads them again.
        log.warn({ err: error }, 'Watched jobs could not be read.')
      }
    }
  }

  async function ask(jobId: string): Promise<void> {
    const job = watched.get(jobId)
    if (job === undefined || job.asking) return
    job.asking = true
    const answer = await runner.queryProgress(jobId)
    job.asking = false
    if (answer !== undefined) takeProgress(answer)
  }

  /** A workflow that was closed from outside writes nothing more: its row is ended here. */
  async function lookUp(jobId: string): Promise<void> {
    try {
      if ((await runner.findState(jobId)) === 'closed')
        await recordEnd(db, jobId, { status: 'failed', error: 'stopped_outside' })
      read(jobId)
    } catch (error) {
      log.warn({ err: error }, 'A silent job could not be looked up.')
    }
  }

  function tick(): void {
    const now = Date.now()
    let lookUps = 0
    for (const [jobId, job] of watched) {
      const isKnown = job.latest !== undefined
      // What isn't known yet could not be read: the database is tried again at each tick.
      if (now - job.heardAtMs < (isKnown ? silenceMs : tickMs)) continue
      if (isKnown && ++lookUps > lookUpsPerTick) continue
      job.heardAtMs = now
      if (isKnown) void lookUp(jobId)
      else read(jobId)
    }
  }

  const timer = setInterval(tick, tickMs)
  return {
    watch: (jobId) => {
      if (!watched.has(jobId))
        watched.set(jobId, { latest: undefined, heardAtMs: Date.now(), asking: false })
      read(jobId)
      void ask(jobId)
    },
    unwatch: (jobId) => {
      watched.delete(jobId)
    },
    findLatest: (jobId) => watched.get(jobId)?.latest,
    onNotification: (payload) => {
      const progress = parseProgress(payload)
      if (progress === undefined || !watched.has(progress.id)) return
      if (isFinalStatus(progress.status)) read(progress.id)
      else takeProgress(progress)
    },
    resync: () => {
      for (const jobId of watched.keys()) read(jobId)
    },
    close: () => {
      clearInterval(timer)
      watched.clear()
    },
  }
}

function parseProgress(payload: string): JobProgress | undefined {
  try {
    return progressSchema.parse(JSON.parse(payload))
  } catch {
    return undefined
  }
}
