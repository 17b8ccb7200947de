import type { Db } from '../../db/database.js'
import { countActiveRuns } from '../../db/runs.js'

/** How much accepted work waits. Beyond a bound nothing is gained by taking more: all of it would come late. */
export interface Backlog {
  /**
   * Lets one more run in.
   *
   * @returns what is to be called once its row is written, or never will be; undefined where there is no room
   */
  enter(): Promise<(() => void) | undefined>
}

export interface BacklogInput {
  readonly db: Db
  /** Runs that are begun or pending at one time; those that wait for a time or for somebody don't count. */
  readonly maxOpen: number
  /** Told where there is no room, at most once a minute. */
  readonly onFull?: () => void
  readonly now?: () => number
}

/** Between two looks what this process let in is added. */
const freshMs = 250
const tellAgainMs = 60_000

export function createBacklog({
  db,
  maxOpen,
  onFull = () => undefined,
  now = Date.now,
}: BacklogInput): Backlog {
  let counted: { readonly atMs: number; readonly open: Promise<number> } | undefined
  /** Let in, and not yet written. */
  let entering = 0
  /** Let in since the count began, or before it and not written then: the count may lack them. */
  let uncounted = 0
  let toldAtMs = -Infinity
  return {
    enter: async () => {
      if (counted === undefined || now() - counted.atMs > freshMs) {
        uncounted = entering
        counted = { atMs: now(), open: countActiveRuns(db, maxOpen) }
        // A count that failed is made anew by the next one who asks.
        counted.open.catch(() => (counted = undefined))
      }
      if ((await counted.open) + uncounted >= maxOpen) {
        if (now() - toldAtMs >= tellAgainMs) {
          toldAtMs = now()
          onFull()
        }
        return undefined
      }
      uncounted++
      entering++
      return () => entering--
    },
  }
}
