import type { Position } from './position.js'

/** What NOTIFY said of one list. */
export interface FeedNotification<Key, Event> {
  readonly key: Key
  /** undefined where the tables must be read: it says too little, or who may follow the list has changed. */
  readonly event: Event | undefined
}

/** The newest state of one list. */
export interface PresentState<Key, News extends Position> {
  readonly key: Key
  readonly present: News
}

/** A change that can't be opened here yet, for this process lacks its key. No reader is taken past it. */
export interface UnopenedChange extends Position {
  readonly isUnopened: true
}

export const isUnopened = (change: Position): change is UnopenedChange => 'isUnopened' in change

/** Which changes a reader has not been told. */
export interface MissedRange<News extends Position> {
  /** Only changes up to this state are wanted. */
  readonly present: News
  /** The seq that the reader has seen; 0 before the first change. */
  readonly since: number
  /** Of more than this the newest are told. */
  readonly limit: number
}

/**
 * Where an event feed learns of its lists. Each list has an epoch and a counter that grows by one with each
 * change; epoch 0 is before its first change. NOTIFY is a hint, the tables are the truth.
 *
 * `Key` names a list, `Event` is a change as NOTIFY carries it, `News` is what readers are told, `Pass` is
 * what a reader was let in with.
 */
export interface EventFeedSource<Key, Event extends Position, News extends Position, Pass> {
  readonly notifyChannel: string
  /** @returns undefined for whatever this version doesn't understand */
  parseEvent(payload: string): FeedNotification<Key, Event> | undefined
  /** Called only where somebody is told of the event, once for all of them. */
  describeEvent(event: Event): News | UnopenedChange
  /** @returns whether a pass, one of those given, is still good */
  readAccess(passes: readonly Pass[]): Promise<(pass: Pass) => boolean>
  readPresent(keys: readonly Key[]): Promise<readonly PresentState<Key, News>[]>
  /** The changes in a range, in the order of their seq. */
  listMissed(key: Key, range: MissedRange<News>): Promise<readonly (News | UnopenedChange)[]>
}
