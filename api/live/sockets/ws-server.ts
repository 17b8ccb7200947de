import { createServer, type IncomingMessage, STATUS_CODES } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import {
  type Socket,
  type SocketHandlers,
  socketLimits,
  type SocketServer,
  type UpgradeRequest,
} from './socket-server.js'

/** Where uWebSockets.js has no native build: the same behaviour on ws. */
export function createWsServer<Data>(handlers: SocketHandlers<Data>): SocketServer {
  const http = createServer((_request, response) => {
    response.writeHead(426).end()
  })
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: socketLimits.maxMessageBytes,
  })
  const topics = new Map<string, Set<WebSocket>>()

  http.on('upgrade', (request, stream, head) => {
    stream.on('error', () => stream.destroy())
    const answer = handlers.onUpgrade(copyRequest(request))
    if (!answer.accept) {
      refuse(stream, answer.status)
      return
    }
    server.handleUpgrade(request, stream, head, (ws) => attach(ws, answer.data))
  })

  function attach(ws: WebSocket, data: Data): void {
    const subscribed = new Set<string>()
    const socket: Socket<Data> = {
      data,
      subscribe: (topic) => {
        subscribed.add(topic)
        const members = topics.get(topic) ?? new Set()
        topics.set(topic, members.add(ws))
      },
      send: (text) => sendTo(ws, text),
      close: (code, reason) => ws.close(code, reason),
    }
    endWhenSilent(ws)
    ws.on('error', () => ws.terminate())
    ws.on('message', (message: Buffer, isBinary) =>
      handlers.onMessage(socket, isBinary ? undefined : message.toString('utf8')),
    )
    ws.on('close', () => {
      for (const topic of subscribed) {
        const members = topics.get(topic)
        members?.delete(ws)
        if (members?.size === 0) topics.delete(topic)
      }
      handlers.onClose(socket)
    })
    handlers.onOpen(socket)
  }

  return {
    listen: (host, port) =>
      new Promise((resolve, reject) => {
        const refuseToStart = (error: NodeJS.ErrnoException) => {
          reject(
            error.code === 'EADDRINUSE'
              ? new Error(`Port ${port} on ${host} is in use (GATEWAY_PORT).`)
              : error,
          )
        }
        http.once('error', refuseToStart)
        http.listen(port, host, () => {
          http.off('error', refuseToStart)
          resolve((http.address() as AddressInfo).port)
        })
      }),
    publish: (topic, text) => {
      for (const ws of topics.get(topic) ?? []) sendTo(ws, text)
    },
    close: async () => {
      for (const ws of server.clients) ws.close(1001, 'server stopping')
      await new Promise<void>((resolve) => {
        http.close(() => resolve())
        // A peer that never answers the close must not hold the server.
        setTimeout(() => {
          for (const ws of server.clients) ws.terminate()
          http.closeAllConnections()
        }, 200).unref()
      })
    },
  }
}

function sendTo(ws: WebSocket, text: string): boolean {
  if (ws.readyState !== ws.OPEN || ws.bufferedAmount > socketLimits.maxBehindBytes) return false
  ws.send(text)
  return true
}

/** Pings at half the idle time; a socket that was silent through a whole round is gone. */
function endWhenSilent(ws: WebSocket): void {
  let heard = true
  const hear = () => {
    heard = true
  }
  ws.on('pong', hear)
  ws.on('message', hear)
  const timer = setInterval(
    () => {
      if (!heard) {
        ws.terminate()
        return
      }
      heard = false
      ws.ping()
    },
    (socketLimits.idleSeconds * 1000) / 2,
  )
  ws.on('close', () => clearInterval(timer))
}

function refuse(stream: Duplex, status: string): void {
  const line = /^\d/.test(status) ? status : `400 ${STATUS_CODES[400] ?? ''}`
  stream.once('finish', () => stream.destroy())
  stream.end(`HTTP/1.1 ${line}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

function copyRequest(request: IncomingMessage): UpgradeRequest {
  const [path = '/', query = ''] = (request.url ?? '/').split('?', 2)
  return {
    path,
    query,
    peerAddress: request.socket.remoteAddress ?? '',
    header: (name) => {
      const value = request.headers[name]
      return Array.isArray(value) ? value[0] : value
    },
  }
}
