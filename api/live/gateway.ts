import type { Logger } from 'pino'
import type { Tokens } from '../../services/accounts/tokens.js'
import type { Metrics } from '../../services/adapters/metrics.js'
import type { RunService } from '../../services/runs/run-service.js'
import type { WorkflowRunner } from '../../services/runs/workflow-runner.js'
import type { OpenDatabase } from '../../db/database.js'
import type { KeyedHash, KeyRing } from '../../db/key-ring.js'
import { openNotifications } from '../../db/notifications.js'
import { readClientAddress, signClientAddress, tunnelHeaders } from '../http/client-address.js'
import { createJobSockets } from './job-sockets.js'
import type { LiveUpdateTiming } from './live-updates.js'
import { createMailSockets } from './mail-sockets.js'
import type { OriginRules } from '../access/origin.js'
import { closeCodes, type Peer, type Session, type SocketChannel } from './socket-channel.js'
import { createFloodGuard, createSocketLimits, type SocketLimits } from './socket-limits.js'
import { createSocketServer, type SocketImplementation } from './sockets/create-socket-server.js'
import type { UpgradeAnswer, UpgradeRequest } from './sockets/socket-server.js'

export interface GatewayInput {
  readonly host: string
  readonly port: number
  readonly log: Logger
  readonly database: OpenDatabase
  readonly keys: KeyRing
  readonly runner: WorkflowRunner
  readonly runs: RunService
  readonly tokens: Pick<Tokens, 'read'>
  readonly origins: OriginRules
  readonly metrics: Metrics
  /** One for each signing key: the API's tunnel signs with the first. */
  readonly signatures: readonly KeyedHash[]
  readonly trustedProxies: number
  readonly socketsPerAddress: number
  /** Each costs a look at the account, so an address that opens them over and over is refused. */
  readonly mailSocketsPerMinute: number
  readonly implementation?: SocketImplementation
  readonly timing?: LiveUpdateTiming
}

export interface Gateway {
  readonly port: number
  readonly implementation: SocketImplementation
  close(): Promise<void>
}

interface SocketData {
  readonly address: string
  readonly label: string
  readonly isFlooding: () => boolean
  readonly connect: (peer: Peer) => Session
  session?: Session
}

/** Lets sockets in, each to the channel of its path, and tells the channels what PostgreSQL notifies. */
export async function startGateway(input: GatewayInput): Promise<Gateway> {
  const { database, log, metrics } = input
  const limits = createSocketLimits(input.socketsPerAddress)
  const channels: readonly SocketChannel[] = [
    createJobSockets({
      ...input,
      db: database.db,
      timing: input.timing,
      publish: (topic, text) => server.publish(topic, text),
    }),
    createMailSockets({
      ...input,
      db: database.db,
      openingsPerMinute: input.mailSocketsPerMinute,
    }),
  ]

  const { server, implementation } = createSocketServer<SocketData>(
    {
      onUpgrade: (request) => answerUpgrade(input, channels, limits, request),
      onOpen: (socket) => {
        metrics.sockets.labels({ path: socket.data.label }).inc()
        limits.onOpen(socket.data.address)
        socket.data.session = socket.data.connect(socket)
      },
      onMessage: (socket, text) => {
        if (socket.data.isFlooding()) socket.close(closeCodes.refused, 'too many messages')
        else socket.data.session?.receive(text)
      },
      onClose: (socket) => {
        metrics.sockets.labels({ path: socket.data.label }).dec()
        limits.onClose(socket.data.address)
        socket.data.session?.leave()
      },
    },
    input.implementation,
  )

  const byNotifyChannel = new Map(channels.map((channel) => [channel.notifyChannel, channel]))
  const notifications = await openNotifications(database, [...byNotifyChannel.keys()], {
    onNotification: (payload, name) => byNotifyChannel.get(name)?.onNotification(payload),
    onListening: () => {
      for (const channel of channels) channel.resync()
    },
    onError: (error) => log.warn({ err: error }, 'Not listening for news; trying again.'),
  })
  const close = async () => {
    for (const channel of channels) channel.close()
    await server.close()
    await notifications.close()
  }
  try {
    return { port: await server.listen(input.host, input.port), implementation, close }
  } catch (error) {
    await close()
    throw error
  }
}

function answerUpgrade(
  input: GatewayInput,
  channels: readonly SocketChannel[],
  limits: SocketLimits,
  request: UpgradeRequest,
): UpgradeAnswer<SocketData> {
  const host = request.header('host')
  if (!input.origins.isOurHost(host)) return { accept: false, status: '421 Misdirected Request' }
  if (!input.origins.mayChange(request.header('origin'), host))
    return { accept: false, status: '403 Forbidden' }
  for (const channel of channels) {
    const connect = channel.accept(request)
    if (connect === undefined) continue
    const { label, openingsPerMinute } = channel
    const address = readAddress(input, request)
    const mayOpen =
      limits.mayHoldAnother(address) &&
      (openingsPerMinute === undefined ||
        limits.takeOpening(`${label} ${address}`, openingsPerMinute))
    if (!mayOpen) return { accept: false, status: '429 Too Many Requests' }
    return {
      accept: true,
      data: { address, label, isFlooding: createFloodGuard(), connect },
    }
  }
  return { accept: false, status: '404 Not Found' }
}

/** The client that the tunnel speaks for, if the tunnel really did; else what trusted proxies say. */
function readAddress(input: GatewayInput, request: UpgradeRequest): string {
  const client = request.header(tunnelHeaders.client)
  const signature = request.header(tunnelHeaders.signature)
  const socketKey = request.header('sec-websocket-key') ?? ''
  if (client !== undefined && signature !== undefined) {
    const isOurs = input.signatures.some(
      (sign) => signClientAddress(sign, client, socketKey) === signature,
    )
    if (isOurs) return client
  }
  return readClientAddress(
    request.peerAddress,
    request.header('x-forwarded-for'),
    input.trustedProxies,
  )
}
