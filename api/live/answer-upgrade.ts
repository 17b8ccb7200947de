import type { KeyedHash } from '../../db/key-ring.js'
import type { OriginRules } from '../access/origin.js'
import type { Peer, Session, SocketChannel, SocketRoute } from './socket-channel.js'
import type { UpgradeAnswer, UpgradeRequest } from './sockets/socket-server.js'
import { readClientAddress, signClientAddress, tunnelHeaders } from './tunnel.js'

/** What the gateway knows of a socket. */
export interface SocketData {
  readonly address: string
  readonly label: string
  readonly isFlooding: () => boolean
  readonly connect: (peer: Peer) => Session
  session?: Session
}

export interface UpgradeRules {
  readonly origins: OriginRules
  readonly limits: SocketLimits
  /** One for each signing key: the API's tunnel signs with the first. */
  readonly signatures: readonly KeyedHash[]
  readonly trustedProxies: number
}

/** Decides at the handshake whether a socket is let in, and which channel serves it. */
export function answerUpgrade(
  rules: UpgradeRules,
  channels: readonly SocketChannel[],
  request: UpgradeRequest,
): UpgradeAnswer<SocketData> {
  const host = request.header('host')
  if (!rules.origins.isOurHost(host)) return { accept: false, status: '421 Misdirected Request' }
  if (!rules.origins.mayChange(request.header('origin'), host))
    return { accept: false, status: '403 Forbidden' }
  const route = findRoute(channels, request)
  if (route === undefined) return { accept: false, status: '404 Not Found' }
  const address = readAddress(rules, request)
  if (!mayOpen(rules.limits, route, address))
    return { accept: false, status: '429 Too Many Requests' }
  const connect = (peer: Peer) => route.connect(peer)
  const data = { address, label: route.label, isFlooding: createFloodGuard(), connect }
  return { accept: true, data }
}

function findRoute(
  channels: readonly SocketChannel[],
  request: UpgradeRequest,
): SocketRoute | undefined {
  for (const channel of channels) {
    const route = channel.findRoute(request)
    if (route !== undefined) return route
  }
  return undefined
}

function mayOpen(limits: SocketLimits, route: SocketRoute, address: string): boolean {
  if (!limits.mayOpenAnother(address)) return false
  const { label, maxOpeningsPerMinute } = route
  return (
    maxOpeningsPerMinute === undefined ||
    limits.takeOpening(`${label} ${address}`, maxOpeningsPerMinute)
  )
}

/** The client that the tunnel names, if the tunnel's signature is right; else what trusted proxies say. */
function readAddress(rules: UpgradeRules, request: UpgradeRequest): string {
  const client = request.header(tunnelHeaders.client)
  const signature = request.header(tunnelHeaders.signature)
  const socketKey = request.header('sec-websocket-key') ?? ''
  if (client !== undefined && signature !== undefined) {
    const isOurs = rules.signatures.some(
      (sign) => signClientAddress(sign, client, socketKey) === signature,
    )
    if (isOurs) return client
  }
  return readClientAddress(
    request.peerAddress,
    request.header('x-forwarded-for'),
    rules.trustedProxies,
  )
}

/** How many sockets an address has open, and how many it opens; counted in this process. */
export interface SocketLimits {
  /** @returns false where the address has as many open as it may */
  mayOpenAnother(address: string): boolean
  /** Counts an opening. @returns false where the key has used all its openings of this minute */
  takeOpening(key: string, maxPerMinute: number): boolean
  onOpen(address: string): void
  onClose(address: string): void
}

const openingWindowMs = 60_000
const messageWindowMs = 10_000
const maxMessagesPerWindow = 20

export function createSocketLimits(
  maxSocketsPerAddress: number,
  now: () => number = Date.now,
): SocketLimits {
  const openSockets = new Map<string, number>()
  const openings = new Map<string, number>()
  let windowStartedAtMs = now()

  return {
    mayOpenAnother: (address) => (openSockets.get(address) ?? 0) < maxSocketsPerAddress,
    takeOpening: (key, maxPerMinute) => {
      if (now() - windowStartedAtMs >= openingWindowMs) {
        windowStartedAtMs = now()
        openings.clear()
      }
      const before = openings.get(key) ?? 0
      if (before >= maxPerMinute) return false
      openings.set(key, before + 1)
      return true
    },
    onOpen: (address) => count(openSockets, address, 1),
    onClose: (address) => count(openSockets, address, -1),
  }
}

/** @returns to be called at each message of one socket: true where it was one too many */
export function createFloodGuard(now: () => number = Date.now): () => boolean {
  let messages = 0
  let windowStartedAtMs = 0
  return () => {
    if (now() - windowStartedAtMs > messageWindowMs) {
      windowStartedAtMs = now()
      messages = 0
    }
    return ++messages > maxMessagesPerWindow
  }
}

function count(counts: Map<string, number>, key: string, by: 1 | -1): void {
  const next = (counts.get(key) ?? 0) + by
  if (next > 0) counts.set(key, next)
  else counts.delete(key)
}
