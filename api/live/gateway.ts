import type { Logger } from 'pino'
import type { OpenDatabase } from '../../db/database.js'
import { openNotifications } from '../../db/notifications.js'
import type { Metrics } from '../../services/adapters/metrics.js'
import {
  answerUpgrade,
  createSocketLimits,
  type SocketData,
  type UpgradeRules,
} from './answer-upgrade.js'
import { closeCodes, type CreateChannel } from './socket-channel.js'
import type { SocketHandlers, SocketServer } from './sockets/socket-server.js'
import { createUwsServer, findNativeUws } from './sockets/uws-server.js'
import { createWsServer } from './sockets/ws-server.js'

export interface GatewayInput extends Omit<UpgradeRules, 'limits'> {
  readonly host: string
  readonly port: number
  readonly log: Logger
  readonly database: Pick<OpenDatabase, 'embedded' | 'url'>
  /** Each serves paths of its own; the first one that knows a path gets its socket. */
  readonly channels: readonly CreateChannel[]
  readonly metrics: Pick<Metrics, 'sockets'>
  readonly socketsPerAddress: number
  readonly implementation?: SocketImplementation
}

export interface Gateway {
  readonly port: number
  readonly implementation: SocketImplementation
  close(): Promise<void>
}

/** Lets sockets in, each to the channel of its path, and tells the channels what PostgreSQL notifies. */
export async function startGateway(input: GatewayInput): Promise<Gateway> {
  const { database, log } = input
  const limits = createSocketLimits(input.socketsPerAddress)
  const channels = input.channels.map((create) =>
    create((topic, text) => server.publish(topic, text)),
  )
  const { server, implementation } = createSocketServer<SocketData>(
    {
      onUpgrade: (request) => answerUpgrade({ ...input, limits }, channels, request),
      ...handleOpenSockets(input.metrics, limits),
    },
    input.implementation,
  )

  const names = new Set(channels.map((channel) => channel.notifyChannel))
  const notifications = await openNotifications(database, [...names], {
    onNotification: (payload, name) => {
      for (const channel of channels)
        if (channel.notifyChannel === name) channel.onNotification(payload)
    },
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

export type SocketImplementation = 'uws' | 'ws'

/** The faster implementation that this Node can load. */
export function createSocketServer<Data>(
  handlers: SocketHandlers<Data>,
  wanted?: SocketImplementation,
): { server: SocketServer; implementation: SocketImplementation } {
  const native = wanted === 'ws' ? undefined : findNativeUws()
  if (native !== undefined)
    return { server: createUwsServer(native, handlers), implementation: 'uws' }
  if (wanted === 'uws') throw new Error('uWebSockets.js has no native build for this Node.')
  return { server: createWsServer(handlers), implementation: 'ws' }
}

/** What happens to an open socket: it is counted, and what it says is passed on to its session. */
function handleOpenSockets(
  metrics: GatewayInput['metrics'],
  limits: ReturnType<typeof createSocketLimits>,
): Omit<SocketHandlers<SocketData>, 'onUpgrade'> {
  return {
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
  }
}
