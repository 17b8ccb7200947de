import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { FollowedState, StateFeedSource } from './state-source.js'

/** What was heard so far of a thing that is watched. */
export interface HeardState<Progress> {
  readonly latest: Progress | undefined
  /** How often something new was heard. */
  readonly news: number
}

export interface StateAskerInput<Progress extends FollowedState> {
  readonly source: Pick<StateFeedSource<Progress, Progress>, 'findPhase' | 'askProgress'>
  readonly log: Logger
  readonly quietMs: number
  /** The same object for as long as the id stays watched. */
  findHeard(id: string): HeardState<Progress> | undefined
  onAnswer(progress: Progress): void
}

/** What is pending has nothing to tell, and a query would wait for a worker too: it is asked this many times later. */
const pendingPatience = 8

/**
 * Asks a workflow that stays quiet after a socket came. One that is at work speaks by itself, and a query
 * would wait behind its local activities and delay its next task: that took a short job twice as long.
 */
export function createStateAsker<Progress extends FollowedState>(
  input: StateAskerInput<Progress>,
): (id: string) => Promise<void> {
  const { source, log, quietMs } = input
  /** Kept when a watch ends: one query at a time for each id, however often its sockets come and go. */
  const asking = new Set<string>()

  async function askIfQuiet(id: string): Promise<void> {
    const thing = input.findHeard(id)
    // What isn't known yet is about to give its present state, which is no sign of life.
    const expected = thing?.latest === undefined ? 1 : thing.news
    const isOver = () =>
      thing === undefined || input.findHeard(id) !== thing || thing.news > expected
    // Whom to ask stands in the row, which a slow database may give later than after one wait.
    do {
      await delay(quietMs, undefined, { ref: false })
      if (thing === undefined || isOver()) return
    } while (thing.latest === undefined)
    if (source.findPhase(thing.latest) === 'pending') {
      await delay(quietMs * (pendingPatience - 1), undefined, { ref: false })
      if (isOver()) return
    }
    const answer = await source.askProgress(thing.latest)
    if (answer !== undefined) input.onAnswer(answer)
  }

  return async (id) => {
    if (asking.has(id)) return
    asking.add(id)
    try {
      await askIfQuiet(id)
    } catch (error) {
      log.warn({ err: error }, 'A workflow could not be asked for its progress.')
    } finally {
      asking.delete(id)
    }
  }
}
