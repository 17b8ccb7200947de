import type { Socket, UpgradeRequest } from './sockets/socket-server.js'

/** RFC 6455 codes; 4404 is the contract's own. */
export const closeCodes = {
  done: 1000,
  /** Not signed in (any more), or too many messages. */
  refused: 1008,
  unreadable: 1011,
  tooFarBehind: 1013,
  unknownJob: 4404,
} as const

/** A socket as a channel knows it. */
export type Peer = Pick<Socket<unknown>, 'subscribe' | 'send' | 'close'>

/** What a channel does for one socket. */
export interface Session {
  /** @param text undefined for a binary message */
  receive(text: string | undefined): void
  /** The socket is closed, by whomever. */
  leave(): void
}

/** One kind of socket: which paths are its own, what it says on them, and by which NOTIFY it learns of news. */
export interface SocketChannel {
  /** Stands for its paths among the metrics. */
  readonly label: string
  readonly notifyChannel: string
  /** From one address; undefined where only the number of open sockets is bounded. */
  readonly openingsPerMinute?: number
  /** @returns undefined for a path that is none of its own; else what begins once the socket is open */
  accept(request: UpgradeRequest): ((peer: Peer) => Session) | undefined
  /** @param payload what NOTIFY carried */
  onNotification(payload: string): void
  /** Hints were lost: everything that is followed is read again. */
  resync(): void
  close(): void
}
