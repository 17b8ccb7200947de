import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { startChild } from '../support/child.js'
import type { Later } from '../support/with-cleanup.js'

export interface BareMail {
  readonly url: string
  readonly socketUrl: string
  readonly pids: readonly number[]
}

const ready = z.object({ port: z.number() })

/** Starts the peer on a database that has the product's tables. */
export async function startBareMail(databaseUrl: string, later: Later): Promise<BareMail> {
  const child = startChild({
    name: 'bare mail',
    program: process.execPath,
    args: [fileURLToPath(new URL('./server.js', import.meta.url)), databaseUrl],
    ipc: true,
  })
  later(() => child.stop())
  const messages: unknown[] = await once(child.process, 'message', {
    signal: AbortSignal.timeout(30_000),
  })
  const address = `127.0.0.1:${ready.parse(messages[0]).port}`
  return { url: `http://${address}`, socketUrl: `ws://${address}`, pids: [child.pid] }
}
