import type { Logger } from 'pino'
import { createBatchReader } from './batch-reader.js'
import { isNewer } from './position.js'
import { createRetries } from './retries.js'
import { createStateAsker, type HeardState } from './state-asker.js'
import type { FollowedState, StateFeedSource } from './state-source.js'

/** Told of what changed for a watched thing; each call has the whole state. */
export interface StateHandlers<Progress, Row> {
  /** A step on the way, newer than any before. */
  onProgress(progress: Progress): void
  /**
   * The end, with all that only the row knows. Nothing follows.
   *
   * @returns false where it can't be told yet: it is read and told again
   */
  onEnd(row: Row): boolean
  /** There is no such thing. Nothing follows. */
  onUnknown(id: string): void
}

export interface StateFollower<Progress> {
  /** Follows a thing; its present state is told as soon as it is known. May be called again for the same id. */
  watch(id: string): void
  unwatch(id: string): void
  /** The newest state known of a watched thing. */
  findLatest(id: string): Progress | undefined
  /** @param payload what NOTIFY carried */
  onNotification(payload: string): void
  /** Notifications were lost: everything watched is read again. */
  resync(): void
  close(): void
}

export interface StateFollowerInput<Progress extends FollowedState, Row extends Progress> {
  readonly source: StateFeedSource<Progress, Row>
  readonly log: Logger
  readonly handlers: StateHandlers<Progress, Row>
  readonly timing?: Partial<StateFeedTiming> | undefined
}

export interface StateFeedTiming {
  readonly tickMs: number
  /** After this long without news a thing is looked up: workflow, then row. */
  readonly silenceMs: number
  /** The same for what waits for a person or a timer: silence is normal there. */
  readonly waitingSilenceMs: number
  /** If nothing new is heard for this long after a socket came, the workflow is asked for its progress. */
  readonly quietMs: number
}

const defaultTiming: StateFeedTiming = {
  tickMs: 1_000,
  silenceMs: 5_000,
  waitingSilenceMs: 60_000,
  quietMs: 250,
}
/** The others wait for the next tick; those looked up now are the last in line then. */
const maxLookUpsPerTick = 50

interface Watched<Progress> extends HeardState<Progress> {
  latest: Progress | undefined
  news: number
  /** When something new was heard, or the last look-up began. */
  heardAtMs: number
}

/** Follows the things that somebody watches, by what their source says. Knows nothing of sockets. */
export function createStateFollower<Progress extends FollowedState, Row extends Progress>(
  input: StateFollowerInput<Progress, Row>,
): StateFollower<Progress> {
  const { source, log, handlers } = input
  const timing = { ...defaultTiming, ...input.timing }
  const watched = new Map<string, Watched<Progress>>()
  /** Ends that can't be told yet, for a key is missing here. */
  const untold = createRetries<string>(timing.tickMs)
  const hasEnded = (state: Progress) => source.findPhase(state) === 'ended'

  function takeProgress(next: Progress): void {
    const thing = watched.get(next.id)
    if (thing === undefined) return
    const { latest } = thing
    if (latest !== undefined && !isNewer(next, latest)) return
    thing.heardAtMs = Date.now()
    thing.news++
    // Progress never falls, even where a reset has begun the work again.
    thing.latest = { ...next, progress: Math.max(next.progress, latest?.progress ?? 0) }
    handlers.onProgress(thing.latest)
  }

  function takeRow(row: Row): void {
    if (!hasEnded(row)) {
      takeProgress(source.toProgress(row))
      return
    }
    const thing = watched.get(row.id)
    if (thing === undefined) return
    const { latest } = thing
    watched.delete(row.id)
    if (!source.isShown(row, latest !== undefined)) handlers.onUnknown(row.id)
    else if (!handlers.onEnd(latest === undefined ? row : placeAfter(row, latest))) {
      watched.set(row.id, thing)
      untold.plan(row.id)
      return
    }
    untold.forget(row.id)
  }

  const { read, clear } = createBatchReader<string>(async (ids) => {
    try {
      const rows = await source.readRows(ids)
      const found = new Map(rows.map((row) => [row.id, row]))
      for (const id of ids) {
        const row = found.get(id)
        if (row !== undefined) takeRow(row)
        else if (watched.delete(id)) handlers.onUnknown(id)
      }
    } catch (error) {
      // Still watched and still silent: a later tick reads them again.
      log.warn({ err: error }, 'Watched states could not be read.')
    }
  })

  const askIfQuiet = createStateAsker<Progress>({
    source,
    log,
    quietMs: timing.quietMs,
    findHeard: (id) => watched.get(id),
    onAnswer: take,
  })

  /** A workflow that was closed from outside writes nothing more: its row is ended here. */
  async function lookUp(id: string, latest: Progress): Promise<void> {
    try {
      if ((await source.findState(latest)) === 'closed')
        await source.endStopped(watched.get(id)?.latest ?? latest)
    } catch (error) {
      log.warn({ err: error }, 'A silent workflow could not be looked up.')
    }
    read(id)
  }

  /** An end is read from the row, which alone knows the result or the error. */
  function take(progress: Progress): void {
    if (!watched.has(progress.id)) return
    if (hasEnded(progress)) read(progress.id)
    else takeProgress(progress)
  }

  function findMaxSilenceMs(latest: Progress | undefined): number {
    // Not known yet means that it could not be read: the database is tried again at each tick.
    if (latest === undefined) return timing.tickMs
    return source.findPhase(latest) === 'waiting' ? timing.waitingSilenceMs : timing.silenceMs
  }

  function tick(): void {
    const now = Date.now()
    let lookUps = 0
    for (const id of untold.takeDue()) read(id)
    for (const [id, thing] of watched) {
      // Its end is known already.
      if (untold.has(id)) continue
      if (now - thing.heardAtMs < findMaxSilenceMs(thing.latest)) continue
      const { latest } = thing
      if (latest !== undefined && ++lookUps > maxLookUpsPerTick) continue
      thing.heardAtMs = now
      if (latest !== undefined) {
        // To the end of the line, so that the first ones don't take every turn.
        watched.delete(id)
        watched.set(id, thing)
        void lookUp(id, latest)
      } else read(id)
    }
  }

  const timer = setInterval(tick, timing.tickMs)
  return {
    watch: (id) => {
      const thing = watched.get(id) ?? { latest: undefined, heardAtMs: Date.now(), news: 0 }
      watched.set(id, thing)
      read(id)
      void askIfQuiet(id)
    },
    unwatch: (id) => {
      watched.delete(id)
      untold.forget(id)
    },
    findLatest: (id) => watched.get(id)?.latest,
    onNotification: (payload) => {
      const progress = source.parseProgress(payload)
      if (progress !== undefined) take(progress)
    },
    resync: () => {
      for (const id of watched.keys()) read(id)
    },
    close: () => {
      clearInterval(timer)
      watched.clear()
      clear()
    },
  }
}

/** An end with a position after what readers have seen: the workflow may have told them more than the row knew. */
function placeAfter<Row extends FollowedState>(row: Row, latest: FollowedState): Row {
  const { epoch, seq } = isNewer(row, latest) ? row : { epoch: latest.epoch, seq: latest.seq + 1 }
  return { ...row, epoch, seq, progress: Math.max(row.progress, latest.progress) }
}
