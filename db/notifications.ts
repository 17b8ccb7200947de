import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import type { OpenDatabase } from './database.js'

/** Hints that something changed: lost when nobody listens, so the tables are the truth. */
export interface Notifications {
  close(): Promise<void>
}

export interface NotificationHandlers {
  /** @param payload the text that NOTIFY carried @param channel one of those listened on */
  onNotification(payload: string, channel: string): void
  /** A connection listens from now on: what was sent before is lost, read the tables again. */
  onListening(): void
  onError(error: unknown): void
}

const reconnectDelayMs = 500
const pingIntervalMs = 15_000

/**
 * Listens on channels: PGlite's own `listen`, or one dedicated connection for all of them that comes back by
 * itself, for every NOTIFY wakes every connection that listens, whatever to. Must not go through a
 * transaction-mode pooler.
 *
 * @returns once it listens, or once the first try has failed: it goes on trying
 */
export async function openNotifications(
  database: Pick<OpenDatabase, 'embedded' | 'url'>,
  channels: readonly string[],
  handlers: NotificationHandlers,
): Promise<Notifications> {
  const { embedded } = database
  if (embedded !== undefined) {
    const listen = (channel: string) =>
      embedded.listen(channel, (payload) => handlers.onNotification(payload, channel))
    const unlisten = await Promise.all(channels.map(listen))
    return {
      close: async () => {
        for (const stop of unlisten) await stop()
      },
    }
  }
  if (database.url === undefined) throw new Error('Neither an embedded database nor a URL.')
  return await listenOnServer(database.url, channels, handlers)
}

async function listenOnServer(
  url: string,
  channels: readonly string[],
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
        await listenUntilBroken(client, channels, {
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
  channels: readonly string[],
  handlers: NotificationHandlers,
): Promise<void> {
  const broken = new Promise<void>((resolve, reject) => {
    client.on('error', reject)
    client.on('end', resolve)
  })
  broken.catch(() => undefined)
  client.on('notification', ({ payload = '', channel }) =>
    handlers.onNotification(payload, channel),
  )
  // Ended while it connects, a client never settles connect().
  await Promise.race([client.connect(), broken])
  await client.query(channels.map((one) => `listen ${client.escapeIdentifier(one)}`).join(';'))
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
