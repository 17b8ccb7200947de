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
  /** The connection was gone and is back: what was sent meanwhile is lost, read the tables again. */
  onReconnected(): void
  onError(error: unknown): void
}

const reconnectDelayMs = 500
const pingIntervalMs = 15_000

/**
 * Listens on one channel: PGlite's own `listen`, or one dedicated connection that comes back by itself.
 * Must not go through a transaction-mode pooler.
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
  return listenOnServer(database.url, channel, handlers)
}

function listenOnServer(
  url: string,
  channel: string,
  handlers: NotificationHandlers,
): Notifications {
  const closing = new AbortController()
  const current: { client?: pg.Client } = {}
  const isClosing = () => closing.signal.aborted
  const run = async () => {
    for (let connections = 0; !closing.signal.aborted;) {
      const client = new pg.Client({
        connectionString: url,
        connectionTimeoutMillis: 3_000,
        query_timeout: 5_000,
        keepAlive: true,
        application_name: 'triagem-listen',
      })
      current.client = client
      try {
        await listenUntilBroken(client, channel, handlers, () => {
          connections++
          if (connections > 1) handlers.onReconnected()
        })
      } catch (error) {
        if (!isClosing()) handlers.onError(error)
      }
      await client.end().catch(() => undefined)
      await delay(reconnectDelayMs, undefined, { signal: closing.signal }).catch(() => undefined)
    }
  }
  const finished = run()
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
  onListening: () => void,
): Promise<void> {
  const broken = new Promise<void>((resolve, reject) => {
    client.on('error', reject)
    client.on('end', resolve)
  })
  broken.catch(() => undefined)
  client.on('notification', (message) => handlers.onNotification(message.payload ?? ''))
  await client.connect()
  await client.query(`listen ${client.escapeIdentifier(channel)}`)
  onListening()
  const ping = setInterval(() => {
    client.query('select 1').catch(() => client.end().catch(() => undefined))
  }, pingIntervalMs)
  try {
    await broken
  } finally {
    clearInterval(ping)
  }
}
