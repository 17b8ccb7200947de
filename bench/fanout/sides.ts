import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { freePort } from '../../test/support/free-port.js'
import { type Child, startChild } from '../support/child.js'
import { isHealthy, startPart } from '../support/product.js'
import type { Later } from '../support/with-cleanup.js'

export const sides = ['gateway', 'ws', 'tunnel'] as const
export type Side = (typeof sides)[number]

export interface Ground {
  readonly databaseUrl: string
  /** Of the gateway and the API, everything but their ports. */
  readonly settings: Readonly<Record<string, string>>
}

/** A server that listens for a job's changes: where its sockets go, and the processes that it costs. */
export interface RunningSide {
  readonly socketUrl: string
  readonly pids: readonly number[]
}

/** Starts one side anew: what an earlier round left in its memory must not count. */
export async function startSide(side: Side, ground: Ground, later: Later): Promise<RunningSide> {
  switch (side) {
    case 'gateway': {
      const { child, port } = await startGateway(ground, later)
      return { socketUrl: `ws://127.0.0.1:${port}`, pids: [child.pid] }
    }
    case 'ws':
      return await startWsPeer(ground, later)
    case 'tunnel': {
      const gateway = await startGateway(ground, later)
      const port = await freePort()
      const env = { ...ground.settings, PORT: String(port), GATEWAY_PORT: String(gateway.port) }
      const api = startPart(['api'], env, { profileFolder: undefined }, later)
      await api.waitFor('listening', async () => {
        // No worker runs here, so it never is healthy: an answer is enough.
        if (await isHealthy(`http://127.0.0.1:${port}`)) return true
        return /listens on/.test(api.output())
      })
      return { socketUrl: `ws://127.0.0.1:${port}`, pids: [api.pid, gateway.child.pid] }
    }
  }
}

async function startGateway(
  { settings }: Ground,
  later: Later,
): Promise<{ child: Child; port: number }> {
  const port = await freePort()
  const env = { ...settings, GATEWAY_PORT: String(port) }
  const child = startPart(['gateway'], env, { profileFolder: undefined }, later)
  await child.waitFor('listening', () => Promise.resolve(/listens on/.test(child.output())))
  return { child, port }
}

const peerReady = z.object({ port: z.number() })

async function startWsPeer({ databaseUrl }: Ground, later: Later): Promise<RunningSide> {
  const child = startChild({
    name: 'ws peer',
    program: process.execPath,
    args: [fileURLToPath(new URL('./ws-peer.js', import.meta.url)), databaseUrl],
    ipc: true,
  })
  later(() => child.stop())
  const messages: unknown[] = await once(child.process, 'message', {
    signal: AbortSignal.timeout(30_000),
  })
  return { socketUrl: `ws://127.0.0.1:${peerReady.parse(messages[0]).port}`, pids: [child.pid] }
}
