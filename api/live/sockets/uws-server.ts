import { createRequire } from 'node:module'
import { join } from 'node:path'
import type * as uWS from 'uWebSockets.js'
import { packageRoot } from '../../../config/package.js'
import {
  type Socket,
  type SocketHandlers,
  socketLimits,
  type SocketServer,
  type UpgradeRequest,
} from './socket-server.js'

const { platform, arch, versions } = process
/** As both the author and the npm package name a build. */
export const nativeFile = `uws_${platform}_${arch}_${versions.modules}.node`

/**
 * Loads the native build itself: the package's own fallback throws on publish and upgrade. The npm
 * package has builds up to Node 20. A build of the author's, added by the user or the image, comes
 * first. It has a folder of its own, because npm removes from node_modules what the lock file lacks.
 *
 * @param root where the folder `.uws` of an added build is
 * @returns undefined where no build loads on this platform and Node
 */
export function findNativeUws(root = packageRoot): typeof uWS | undefined {
  return (
    loadNative(join(root, '.uws', 'node_modules', 'uWebSockets.js', nativeFile)) ??
    loadNative(`uWebSockets.js/binaries/${nativeFile}`)
  )
}

function loadNative(file: string): typeof uWS | undefined {
  try {
    return createRequire(import.meta.url)(file) as typeof uWS
  } catch {
    return undefined
  }
}

/** A socket's own data and its face towards the gateway, both made at the handshake. */
interface Attached<Data> {
  readonly data: Data
  socket?: Socket<Data>
}

const headersRead = new Set([
  'host',
  'origin',
  'cookie',
  'accept-language',
  'x-forwarded-for',
  'x-triagem-client',
  'x-triagem-signature',
  'sec-websocket-key',
  'sec-websocket-protocol',
  'sec-websocket-extensions',
])

export function createUwsServer<Data>(
  native: typeof uWS,
  handlers: SocketHandlers<Data>,
): SocketServer {
  const app = native.App()
  const open = new Set<uWS.WebSocket<Attached<Data>>>()
  let listening: uWS.us_listen_socket | undefined

  app.ws<Attached<Data>>('/*', {
    compression: native.DISABLED,
    maxPayloadLength: socketLimits.maxMessageBytes,
    maxBackpressure: socketLimits.maxBehindBytes,
    idleTimeout: socketLimits.idleSeconds,
    upgrade: (response, request, context) => {
      const copied = copyRequest(response, request)
      const answer = handlers.onUpgrade(copied)
      if (!answer.accept) {
        response.writeStatus(answer.status).end('', true)
        return
      }
      response.upgrade<Attached<Data>>(
        { data: answer.data },
        copied.header('sec-websocket-key') ?? '',
        copied.header('sec-websocket-protocol') ?? '',
        copied.header('sec-websocket-extensions') ?? '',
        context,
      )
    },
    open: (ws) => {
      open.add(ws)
      const attached = ws.getUserData()
      attached.socket = toSocket(ws, attached.data, open)
      handlers.onOpen(attached.socket)
    },
    message: (ws, message, isBinary) => {
      const { socket } = ws.getUserData()
      // The bytes are the server's own and gone after this call; toString copies them.
      if (socket !== undefined)
        handlers.onMessage(socket, isBinary ? undefined : Buffer.from(message).toString('utf8'))
    },
    close: (ws) => {
      open.delete(ws)
      const { socket } = ws.getUserData()
      if (socket !== undefined) handlers.onClose(socket)
    },
  })
  app.any('/*', (response) => {
    response.writeStatus('426 Upgrade Required').end()
  })

  return {
    listen: (host, port) =>
      new Promise((resolve, reject) => {
        app.listen(host, port, (token: uWS.us_listen_socket | false) => {
          if (token === false) {
            reject(new Error(`Port ${port} on ${host} is in use (GATEWAY_PORT).`))
            return
          }
          listening = token
          resolve(native.us_socket_local_port(token))
        })
      }),
    publish: (topic, text) => {
      app.publish(topic, text, false)
    },
    close: () => {
      if (listening !== undefined) native.us_listen_socket_close(listening)
      listening = undefined
      for (const ws of [...open]) ws.end(1001, 'server stopping')
      return Promise.resolve()
    },
  }
}

function toSocket<Data>(
  ws: uWS.WebSocket<Attached<Data>>,
  data: Data,
  open: ReadonlySet<uWS.WebSocket<Attached<Data>>>,
): Socket<Data> {
  // A native socket throws once it is closed, so each call asks first.
  const whileOpen = (call: () => void) => {
    if (open.has(ws)) call()
  }
  const dropped: number = 2
  return {
    data,
    subscribe: (topic) => whileOpen(() => ws.subscribe(topic)),
    send: (text) => open.has(ws) && ws.send(text, false) !== dropped,
    close: (code, reason) => whileOpen(() => ws.end(code, reason)),
  }
}

function copyRequest(response: uWS.HttpResponse, request: uWS.HttpRequest): UpgradeRequest {
  const headers = new Map<string, string>()
  // getHeader would give the first of several: a proxy may add its X-Forwarded-For as a line of its own.
  request.forEach((name, value) => {
    const before = headers.get(name)
    if (headersRead.has(name))
      headers.set(name, before === undefined ? value : `${before}, ${value}`)
  })
  return {
    path: request.getUrl(),
    query: request.getQuery(),
    peerAddress: Buffer.from(response.getRemoteAddressAsText()).toString('utf8'),
    header: (name) => headers.get(name) || undefined,
  }
}
