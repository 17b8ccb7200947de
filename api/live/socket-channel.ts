import type { Socket, UpgradeRequest } from './sockets/socket-server.js'

/** RFC 6455 codes; 4404 is the contract's own. */
export const closeCodes = {
  done: 1000,
  /** Not signed in (any more), or too many messages. */
  refused: 1008,
  unreadable: 1011,
  tooFarBehind: 1013,
  unknown: 4404,
} as const

/** A socket as a channel knows it. */
export type Peer = Pick<Socket<unknown>, 'subscribe' | 'send' | 'close'>

/** What a channel does for one open socket. */
export interface Session {
  /** @param text undefined for a binary message */
  receive(text: string | undefined): void
  /** The socket is closed, by either side. */
  leave(): void
}

/** A path that a channel serves. */
export interface SocketRoute {
  /** Stands for the path among the metrics. */
  readonly label: string
  /** From one address; without it only the number of open sockets is bounded. */
  readonly maxOpeningsPerMinute?: number | undefined
  /** Called once the socket is open. */
  connect(peer: Peer): Session
}

/** Serves the sockets of some paths, and learns of news by one NOTIFY channel. */
export interface SocketChannel {
  readonly notifyChannel: string
  /** @returns undefined where the path belongs to another channel, or to none */
  findRoute(request: UpgradeRequest): SocketRoute | undefined
  /** @param payload what NOTIFY carried */
  onNotification(payload: string): void
  /** Notifications were lost: everything that is followed is read again. */
  resync(): void
  close(): void
}

/** Sends a text to every socket that subscribed to the topic. */
export type Publish = (topic: string, text: string) => void

/** Makes a channel for one gateway. */
export type CreateChannel = (publish: Publish) => SocketChannel
