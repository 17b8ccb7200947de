import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import type { OpenDatabase } from '../../db/database.js'
import { type Notifications, openNotifications } from '../../db/notifications.js'
import { openTestDatabase, testDatabaseUrl } from '../support/database.js'
import { waitUntil } from '../support/wait-until.js'

const channel = 'triagem_test'

describe('Notifications', () => {
  let database: OpenDatabase
  let payloads: string[]
  let errors: unknown[]
  let listened: number
  let open: Notifications | undefined

  beforeEach(async () => {
    database = await openTestDatabase()
    payloads = []
    errors = []
    listened = 0
  })
  afterEach(async () => {
    await open?.close()
    open = undefined
  })

  async function listen(from: Pick<OpenDatabase, 'embedded' | 'url'> = database): Promise<void> {
    open = await openNotifications(from, [channel], {
      onNotification: (payload) => payloads.push(payload),
      onListening: () => listened++,
      onError: (error) => errors.push(error),
    })
  }
  const notify = (payload: string, on = channel) =>
    database.pool.query('select pg_notify($1, $2)', [on, payload])

  it('hands over each payload of its channel, in order', async () => {
    await listen()
    await notify('another', 'another')
    for (const payload of ['one', '', 'ç ✓ "x"', 'x'.repeat(7_900)]) await notify(payload)
    await waitUntil('all came', () => payloads.length === 4)
    assert.deepEqual(payloads, ['one', '', 'ç ✓ "x"', 'x'.repeat(7_900)])
    assert.deepEqual(errors, [])
  })

  it('hands over what comes on each of several channels, by its name', async () => {
    const heard: string[] = []
    open = await openNotifications(database, [channel, 'triagem_test_2'], {
      onNotification: (payload, name) => heard.push(`${name}: ${payload}`),
      onListening: () => listened++,
      onError: (error) => errors.push(error),
    })
    await notify('one')
    await notify('another', 'another')
    await notify('two', 'triagem_test_2')
    await waitUntil('both came', () => heard.length === 2)
    assert.deepEqual(heard, [`${channel}: one`, 'triagem_test_2: two'])
  })

  it('hands over only what was committed', async () => {
    await listen()
    const client = await database.pool.connect()
    await client.query('begin')
    await client.query('select pg_notify($1, $2)', [channel, 'taken back'])
    await client.query('rollback')
    client.release()
    await notify('kept')
    await waitUntil('the one that was kept', () => payloads.length > 0)
    assert.deepEqual(payloads, ['kept'])
  })

  it('hands over nothing once closed', async () => {
    await listen()
    await notify('before')
    await waitUntil('it came', () => payloads.length === 1)
    await open?.close()
    open = undefined
    await notify('after')
    await database.pool.query('select 1')
    assert.deepEqual(payloads, ['before'])
  })

  it('refuses a database that is neither embedded nor has a URL', async () => {
    await assert.rejects(listen({ embedded: undefined, url: undefined }), /Neither/)
  })
})

const describeOnServer = testDatabaseUrl === undefined ? describe.skip : describe

describeOnServer('Notifications of a server (TEST_DATABASE_URL)', () => {
  let database: OpenDatabase
  let payloads: string[]
  let errors: unknown[]
  let listened: number
  let open: Notifications

  async function listen(url: string): Promise<void> {
    payloads = []
    errors = []
    listened = 0
    open = await openNotifications({ embedded: undefined, url }, [channel], {
      onNotification: (payload) => payloads.push(payload),
      onListening: () => listened++,
      onError: (error) => errors.push(error),
    })
  }
  const notify = (payload: string) =>
    database.pool.query('select pg_notify($1, $2)', [channel, payload])

  before(async () => {
    database = await openTestDatabase()
  })
  afterEach(async () => {
    await open.close()
  })

  it('come back after the server ended their connection, and say so', async () => {
    await listen(database.url ?? '')
    assert.equal(listened, 1)
    await database.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'triagem-listen' and datname = current_database()`,
    )
    await waitUntil('it listens again', () => listened === 2)
    assert.equal(errors.length, 1)
    await notify('again')
    await waitUntil('it came', () => payloads.length === 1)
  })

  it('wait for a server that is away when they are opened, and say when it is there', async () => {
    const proxy = await startProxy(database.url ?? '')
    proxy.refuse()
    await listen(proxy.url)
    await waitUntil('it was tried twice', () => errors.length > 1)
    assert.equal(listened, 0)
    proxy.accept()
    await waitUntil('it listens', () => listened === 1)
    await notify('there')
    await waitUntil('it came', () => payloads.length === 1)
    await open.close()
    proxy.close()
  })

  it('close at once while a server takes the connection and says nothing', async () => {
    const held: Socket[] = []
    const silent = createServer((socket) => held.push(socket)).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    await listen(`postgres://nobody:none@127.0.0.1:${port}/none`)
    assert.equal(errors.length, 1)
    await waitUntil('it tries again', () => held.length === 2)
    const startedAt = performance.now()
    await open.close()
    assert.ok(performance.now() - startedAt < 3_500)
    assert.equal(errors.length, 1)
    for (const socket of held) socket.destroy()
    silent.close()
  })
})

interface Proxy {
  readonly url: string
  refuse(): void
  accept(): void
  close(): void
}

/** A way to the server that can be closed. */
async function startProxy(serverUrl: string): Promise<Proxy> {
  const target = new URL(serverUrl)
  let isOpen = true
  const proxy: Server = createServer((client) => {
    if (!isOpen) {
      client.destroy()
      return
    }
    const server = connect(Number(target.port), target.hostname)
    client.on('error', () => server.destroy()).on('close', () => server.destroy())
    server.on('error', () => client.destroy())
    client.pipe(server).pipe(client)
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const url = new URL(serverUrl)
  url.port = String((proxy.address() as AddressInfo).port)
  return {
    url: url.href,
    refuse: () => {
      isOpen = false
    },
    accept: () => {
      isOpen = true
    },
    close: () => proxy.close(),
  }
}
