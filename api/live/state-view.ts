import type { ReaderLanguage, Sentence } from '../http/reader-language.js'
import type { FollowedState } from './state-source.js'

/** One kind of socket over a state feed: its path, what it shows, and what its clients may ask for. */
export interface StateView<Progress extends FollowedState, Row extends Progress> {
  /** Stands for the path among the metrics; no two views of a feed have the same. */
  readonly label: string
  /** The first group is the id. */
  readonly path: RegExp
  /** Whether this view shows such a thing; any other is unknown here. The answer never changes for an id. */
  accepts(state: Progress): boolean
  /** A step on the way. */
  renderProgress(progress: Progress, language: ReaderLanguage): object
  /** The end. */
  renderRow(row: Row, language: ReaderLanguage): object
  renderUnknown(id: string, language: ReaderLanguage): object
  /** By the `type` of the message that a client sends. */
  readonly commands: Readonly<Record<string, StateCommand>>
  /** Answers a message that is none of the commands. */
  readonly notUnderstood: Sentence
}

export interface StateCommand {
  run(id: string): Promise<unknown>
  /** Answers the client where run() fails. */
  readonly failed: Sentence
}
