import type { Position } from './position.js'

/** The whole state of one thing at one moment, small enough for NOTIFY. */
export interface FollowedState extends Position {
  readonly id: string
  /** 0 to 100. */
  readonly progress: number
}

/**
 * `pending`: nothing works on it yet. `waiting`: its workflow waits for a person or a timer, maybe for days.
 * `ended`: nothing follows.
 */
export type StatePhase = 'pending' | 'running' | 'waiting' | 'ended'

/** Where a state feed learns of its things: NOTIFY is a hint, the row is the truth, the workflow may know more. */
export interface StateFeedSource<Progress extends FollowedState, Row extends Progress> {
  readonly notifyChannel: string
  /** Whether a text can be an id; others are never read. */
  isId(text: string): boolean
  /** @returns undefined for whatever this version doesn't understand */
  parseProgress(payload: string): Progress | undefined
  /** Also rows that were removed: their sockets are owed a last frame. */
  readRows(ids: readonly string[]): Promise<readonly Row[]>
  /** What is kept in memory of a row. */
  toProgress(row: Row): Progress
  findPhase(state: Progress): StatePhase
  /** Whether an ended row is shown, rather than called unknown. @param wasSeen somebody here saw it before its end */
  isShown(row: Row, wasSeen: boolean): boolean
  /** Asks the workflow itself. @returns undefined where it gave no answer that this version understands */
  askProgress(latest: Progress): Promise<Progress | undefined>
  /** What became of the workflow; `missing` where it never started, or is long gone. */
  findState(latest: Progress): Promise<'running' | 'closed' | 'missing'>
  /** Ends the row of a workflow that was closed from outside. @param latest the last state that readers saw */
  endStopped(latest: Progress): Promise<unknown>
}
