import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import type { OpenDatabase } from './database.js'

/** Hints that something changed: lost when nobody listens, so the tables are the truth. */
export interface Notifications {
  close(): Promise<void>
}

export interface NotificationHandlers {
  /** @param payload the text that NOTIFY carried */
  onNotification(payload: string): void
  /** A connection listens from now on: what was sent before is lost, read the tables again. */
  onListening(): void
  onError(error: unknown): void
}

const reconnectDelayMs = 500
const pingIntervalMs = 15_000

/**
 * Listens on one channel: PGlite's own `listen`, or one dedicated connection that comes back by itself.
 * Must not go through a transaction-mode pooler.
 *
 * @returns once it listens, or once the first try has failed: it goes on trying
 */
export async function openNotifications(
  database: Pick<OpenDatabase, 'embedded' | 'url'>,
  channel: string,
  handlers: NotificationHandlers,
): Promise<Notifications> {
  if (database.embedded !== undefined) {
    const unlisten = await database.embedded.listen(channel, (payload) =>
      handlers.onNotification(payload),
    )
    return { close: () => unlisten() }
  }
  if (database.url === undefined) throw new Error('Neither an embedded database nor a URL.')
  return await listenOnServer(database.url, channel, handlers)
}

async function listenOnServer(
  url: string,
  channel: string,
  handlers: NotificationHandlers,
): Promise<Notifications> {
  const closing = new AbortController()
  const current: { client?: pg.Client } = {}
  const isClosing = () => closing.signal.aborted
  const run = async (onTried: () => void) => {
    while (!isClosing()) {
      const client = new pg.Client({
        connectionString: url,
        connectionTimeoutMillis: 3_000,
        query_timeout: 5_000,
        keepAlive: true,
        application_name: 'triagem-listen',
      })
      current.client = client
      try {
        await listenUntilBroken(client, channel, {
          ...handlers,
          onListening: () => {
            handlers.onListening()
            onTried()
          },
        })
      } catch (error) {
        if (!isClosing()) handlers.onError(error)
      }
      onTried()
      await client.end().catch(() => undefined)
      await delay(reconnectDelayMs, undefined, { signal: closing.signal }).catch(() => undefined)
    }
  }
  let finished: Promise<void> | undefined
  await new Promise<void>((resolve) => {
    finished = run(resolve)
  })
  return {
    close: async () => {
      closing.abort()
      await current.client?.end().catch(() => undefined)
      await finished
    },
  }
}

/** Resolves or rejects when the connection is gone; a silent death is found by a ping. */
async function listenUntilBroken(
  client: pg.Client,
  channel: string,
  handlers: NotificationHandlers,
): Promise<void> {
  const broken = new Promise<void>((resolve, reject) => {
    client.on('error', reject)
    client.on('end', resolve)
  })
  broken.catch(() => undefined)
  client.on('notification', (message) => handlers.onNotification(message.payload ?? ''))
  // Ended while it connects, a client never settles connect().
  await Promise.race([client.connect(), broken])
  await client.query(`listen ${client.escapeIdentifier(channel)}`)
  handlers.onListening()
  const ping = setInterval(() => {
    client.query('select 1').catch(() => client.end().catch(() => undefined))
  }, pingIntervalMs)
  try {
    await broken
  } finally {
    clearInterval(ping)
  }
}
