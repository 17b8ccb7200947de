import type { SocketHandlers, SocketServer } from './socket-server.js'
import { createUwsServer, findNativeUws } from './uws-server.js'
import { createWsServer } from './ws-server.js'

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
