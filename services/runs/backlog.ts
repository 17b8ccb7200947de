import type { Db } from '../../db/database.js'
import { countActiveRuns } from '../../db/runs.js'

/** How much accepted work waits. Beyond a bound nothing is gained by taking more: all of it would come late. */
export interface Backlog {
  /** Whether one more run may be taken on. */
  hasRoom(): Promise<boolean>
}

export interface BacklogInput {
  readonly db: Db
  /** Runs that are begun or pending at one time; those that wait for a time or for somebody don't count. */
  readonly maxOpen: number
  readonly now?: () => number
}

/** Between two looks what this process took on itself is added. */
const freshMs = 250

export function createBacklog({ db, maxOpen, now = Date.now }: BacklogInput): Backlog {
  let counted: { readonly atMs: number; readonly open: Promise<number> } | undefined
  let takenSince = 0
  return {
    hasRoom: async () => {
      if (counted === undefined || now() - counted.atMs > freshMs) {
        takenSince = 0
        counted = { atMs: now(), open: countActiveRuns(db, maxOpen) }
        // A count that failed is made anew by the next one who asks.
        counted.open.catch(() => (counted = undefined))
      }
      const hasRoom = (await counted.open) + takenSince < maxOpen
      if (hasRoom) takenSince++
      return hasRoom
    },
  }
}
