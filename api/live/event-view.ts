import type { UpgradeRequest } from './sockets/socket-server.js'

/** Which list a socket follows. */
export interface Admission<Key, Pass> {
  readonly key: Key
  readonly pass: Pass
}

/** The socket of an event feed: its path, who is let in, and what a frame looks like. */
export interface EventView<Key, News, Pass> {
  /** Stands for the path among the metrics. */
  readonly label: string
  readonly path: RegExp
  /** From one address; without it only the number of open sockets is bounded. */
  readonly maxOpeningsPerMinute?: number | undefined
  /**
   * Reads at the handshake what a client says of itself.
   *
   * @returns judges it, once the socket is open; undefined where it may not follow anything
   */
  admit(request: UpgradeRequest): () => Promise<Admission<Key, Pass> | undefined>
  render(news: News): object
}
