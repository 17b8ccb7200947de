/**
 * The little that the gateway needs of a WebSocket server, so that it runs on uWebSockets.js where its
 * native build loads and on ws elsewhere.
 */
export interface SocketServer {
  /** @param port 0 for any free one @returns the port taken */
  listen(host: string, port: number): Promise<number>
  /** Sends one text to every socket that subscribed to a topic; those that are too far behind miss it. */
  publish(topic: string, text: string): void
  /** Closes every socket with 1001 and stops listening. */
  close(): Promise<void>
}

export interface Socket<Data> {
  readonly data: Data
  subscribe(topic: string): void
  /** @returns false where the reader is too far behind and this was not taken, or the socket is closed */
  send(text: string): boolean
  close(code: number, reason: string): void
}

/** What a handshake says; copied, for the native request dies with its callback. */
export interface UpgradeRequest {
  readonly path: string
  readonly query: string
  readonly peerAddress: string
  header(name: string): string | undefined
}

export type UpgradeAnswer<Data> =
  | { readonly accept: true; readonly data: Data }
  | { readonly accept: false; readonly status: string }

export interface SocketHandlers<Data> {
  onUpgrade(request: UpgradeRequest): UpgradeAnswer<Data>
  onOpen(socket: Socket<Data>): void
  /** @param text undefined for a binary message */
  onMessage(socket: Socket<Data>, text: string | undefined): void
  onClose(socket: Socket<Data>): void
}

/** What both implementations hold a socket to. */
export const socketLimits = {
  /** A message from a client is a short command. */
  maxMessageBytes: 16 * 1024,
  /** A reader that is further behind misses frames; each frame is the whole state, so the next one mends it. */
  maxBehindBytes: 256 * 1024,
  /** A socket that answers no ping for this long is gone. */
  idleSeconds: 60,
} as const
