import { createServer, type Server } from 'node:http'
import type Koa from 'koa'
import { attachTunnel, type Tunnel, type TunnelInput } from '../live/tunnel.js'

export interface ListenInput {
  readonly app: Koa
  readonly host: string
  readonly port: number
  /** Where the gateway is, for the form without a proxy. */
  readonly tunnel: TunnelInput | undefined
  readonly timeouts?: Timeouts
}

/** A client that sends its headers or body too slowly is cut at the first look after its time is over. */
export interface Timeouts {
  readonly headersMs: number
  readonly requestMs: number
  readonly lookEveryMs: number
}

export interface ApiServer {
  readonly port: number
  /** Answers what is under way, then closes; what takes longer than a moment is cut. */
  close(): Promise<void>
}

const defaultTimeouts: Timeouts = { headersMs: 10_000, requestMs: 60_000, lookEveryMs: 5_000 }
const closeGraceMs = 2_000

/** @throws Error that names the port and the setting where the port is in use */
export async function listen(input: ListenInput): Promise<ApiServer> {
  const { app, host, port, tunnel, timeouts = defaultTimeouts } = input
  const handle = app.callback()
  const server = createServer(
    {
      headersTimeout: timeouts.headersMs,
      requestTimeout: timeouts.requestMs,
      connectionsCheckingInterval: timeouts.lookEveryMs,
      keepAliveTimeout: 65_000,
    },
    (request, response) => void handle(request, response),
  )
  const attached = tunnel === undefined ? undefined : attachTunnel(server, tunnel)
  await startListening(server, host, port)
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () => close(server, attached),
  }
}

async function startListening(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(`Port ${port} on ${host} is in use: stop what uses it or set PORT.`)
          : error,
      )
    })
    server.listen(port, host, resolve)
  })
}

async function close(server: Server, tunnel: Tunnel | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), closeGraceMs)
    server.close(() => {
      clearTimeout(cut)
      resolve()
    })
    server.closeIdleConnections()
    tunnel?.close()
  })
}
