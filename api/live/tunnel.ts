import type { IncomingMessage, Server } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import type { KeyedHash } from '../../db/key-ring.js'
import { hasTwoHosts } from '../access/origin.js'

/** Headers by which the API's tunnel tells the gateway on whose behalf it calls. */
export const tunnelHeaders = {
  client: 'x-triagem-client',
  signature: 'x-triagem-signature',
} as const

/** Ties an address to one handshake, so that a header can't be used again or made up. */
export function signClientAddress(sign: KeyedHash, address: string, socketKey: string): string {
  return sign('tunnel', address, socketKey)
}

/**
 * The client's address behind `trustedProxies` proxies, each of which appends the peer it saw.
 *
 * @param forwardedFor X-Forwarded-For; believed only as far as proxies are trusted
 */
export function readClientAddress(
  peerAddress: string,
  forwardedFor: string | undefined,
  trustedProxies: number,
): string {
  if (trustedProxies === 0 || forwardedFor === undefined) return peerAddress
  const hops = forwardedFor.split(',').map((hop) => hop.trim())
  return hops.at(-Math.min(trustedProxies, hops.length)) || peerAddress
}

export interface TunnelInput {
  readonly gatewayPort: number
  readonly sign: KeyedHash
  readonly trustedProxies: number
}

export interface Tunnel {
  /** Ends the tunnelled sockets: an HTTP server waits for them when it closes, but can't close them. */
  close(): void
}

const connectTimeoutMs = 3_000
/** How long a client may still read after the gateway has ended; then it is cut off. */
const lingerMs = 2_000
/** Written anew here, so that no client can set them. */
const replacedHeaders = new Set<string>([
  ...Object.values(tunnelHeaders),
  'x-forwarded-for',
  'forwarded',
])

/**
 * Forwards WebSocket handshakes on /ws* to the gateway, so that pages see one origin. The client's address
 * goes along, signed. Under load a proxy does this better: see docker-compose.yml.
 */
export function attachTunnel(server: Server, input: TunnelInput): Tunnel {
  const openSockets = new Set<Duplex>()
  server.on('upgrade', (request: IncomingMessage, client: Duplex, head: Buffer) => {
    client.on('error', () => client.destroy())
    openSockets.add(client)
    client.on('close', () => openSockets.delete(client))
    if (hasTwoHosts(request)) refuse(client, '400 Bad Request')
    else if (request.url?.startsWith('/ws') === true) forward(request, client, head, input)
    else refuse(client, '404 Not Found')
  })
  return {
    close: () => {
      for (const client of openSockets) client.destroy()
    },
  }
}

function forward(request: IncomingMessage, client: Duplex, head: Buffer, input: TunnelInput): void {
  const gateway = connect({ host: '127.0.0.1', port: input.gatewayPort, noDelay: true })
  gateway.setTimeout(connectTimeoutMs, () => gateway.destroy(new Error('timeout')))
  gateway.once('connect', () => {
    gateway.setTimeout(0)
    gateway.write(describeHandshake(request, input))
    gateway.write(head)
    client.pipe(gateway).pipe(client)
  })
  gateway.on('error', () => {
    if (gateway.bytesRead === 0) refuse(client, '503 Service Unavailable', 'Retry-After: 5')
    else client.destroy()
  })
  gateway.on('close', () => {
    client.end()
    const linger = setTimeout(() => client.destroy(), lingerMs)
    client.once('close', () => clearTimeout(linger))
  })
  client.on('close', () => gateway.destroy())
}

function refuse(client: Duplex, status: string, ...headers: string[]): void {
  const lines = [`HTTP/1.1 ${status}`, ...headers, 'Connection: close', 'Content-Length: 0']
  client.once('finish', () => client.destroy())
  client.end(`${lines.join('\r\n')}\r\n\r\n`)
}

function describeHandshake(request: IncomingMessage, input: TunnelInput): string {
  const { rawHeaders, headers, socket } = request
  const address = readClientAddress(
    socket.remoteAddress ?? '',
    [headers['x-forwarded-for']].flat().join(',') || undefined,
    input.trustedProxies,
  )
  const lines = [`${request.method ?? 'GET'} ${request.url ?? '/'} HTTP/1.1`]
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ''
    if (!replacedHeaders.has(name.toLowerCase())) lines.push(`${name}: ${rawHeaders[i + 1] ?? ''}`)
  }
  const signature = signClientAddress(input.sign, address, headers['sec-websocket-key'] ?? '')
  lines.push(`${tunnelHeaders.client}: ${address}`, `${tunnelHeaders.signature}: ${signature}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}
