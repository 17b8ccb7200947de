import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { packageRoot } from '../../config/package.js'
import { testDatabaseUrl } from '../support/database.js'
import { type Answer, request } from '../support/job-client.js'
import { endProcesses, lastingPort, runTriagem, whatProcessesSaid } from '../support/processes.js'
import { waitUntil } from '../support/wait-until.js'
import { type Cluster, openCluster, type Serving } from './cluster.js'
import { type MailReader, readMail } from './mail-reader.js'

const recoveryMs = 60_000
const password = 'uma senha de teste'
const inboxSchema = z.array(z.object({ id: z.int(), title: z.string(), is_read: z.boolean() }))

const describeWithPostgres = testDatabaseUrl === undefined ? describe.skip : describe

/** It stops the database, so it has its own: TEST_DATABASE_URL only says that PostgreSQL is here. */
describeWithPostgres('internal mail in the cluster form (needs TEST_DATABASE_URL)', function () {
  this.timeout(120_000)
  let folder: string
  let cluster: Cluster
  let apis: [Serving, Serving]
  let gateways: [Serving, Serving]
  let ana: { id: number; token: string }
  let bruno: { id: number; token: string }
  /** Bruno's devices: a socket on each gateway. */
  let devices: [MailReader, MailReader]
  let unread = 0

  const postgres = async (verb: string, ...more: string[]): Promise<string> => {
    const script = join(packageRoot, '.ci', 'postgres.sh')
    const { stdout } = await promisify(execFile)(script, [verb, join(folder, 'pg'), ...more])
    return stdout.trim()
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'triagem-mail-'))
    // User postgres passes through to its own folder.
    await chmod(folder, 0o711)
    cluster = await openCluster(await postgres('start', String(await lastingPort())))
    await cluster.migrate()
    apis = [await cluster.startApi(), await cluster.startApi()]
    gateways = [await cluster.startGateway(), await cluster.startGateway()]
    ana = await openAccount('ana')
    bruno = await openAccount('bruno')
    devices = [readMail(gateways[0].url, bruno.token), readMail(gateways[1].url, bruno.token)]
    for (const device of devices) await device.counts(0)
  })
  afterEach(function () {
    if (this.currentTest?.state === 'failed') console.log(whatProcessesSaid())
  })
  after(async () => {
    await endProcesses()
    await cluster.close()
    await postgres('stop')
    await rm(folder, { recursive: true, force: true })
  })

  /** Registers at one API and signs in at the other. */
  async function openAccount(username: string): Promise<{ id: number; token: string }> {
    const made = await request(`${apis[0].url}/users/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username, password }),
    })
    const signedIn = await request(`${apis[1].url}/token`, {
      method: 'POST',
      body: new URLSearchParams({ username, password, grant_type: 'password' }),
    })
    return {
      id: z.int().parse(made.body['id']),
      token: z.string().parse(signedIn.body['access_token']),
    }
  }

  const asUser = ({ token }: { token: string }) => ({
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
  })

  const post = (api: Serving, title: string): Promise<Answer> =>
    request(`${api.url}/messages/`, {
      method: 'POST',
      headers: asUser(ana),
      body: JSON.stringify({ recipient_id: bruno.id, title, body: `Sobre ${title}.` }),
    })

  async function postTaken(api: Serving, title: string): Promise<number> {
    const { status, body } = await post(api, title)
    assert.equal(status, 200, JSON.stringify(body))
    unread++
    return z.int().parse(body['id'])
  }

  async function readInbox(api: Serving): Promise<z.infer<typeof inboxSchema>> {
    const { body } = await request(`${api.url}/messages/inbox/`, { headers: asUser(bruno) })
    return inboxSchema.parse(body)
  }

  async function markRead(api: Serving, id: number): Promise<void> {
    const init = { method: 'PUT', headers: asUser(bruno), body: '{}' }
    const { status, body } = await request(`${api.url}/messages/${id}/read`, init)
    assert.equal(status, 200)
    assert.deepEqual(body, { message: 'Mensagem marcada como lida' })
  }

  /** All that a socket was told is in order, with nothing left out between. */
  function assertNoGap(device: MailReader): void {
    const frames = device.frames()
    for (const [index, { seq, epoch }] of frames.entries()) {
      const before = frames[index - 1]
      if (before === undefined || before.epoch === 0) continue
      assert.equal(epoch, before.epoch)
      assert.ok(seq >= before.seq, `${seq} came after ${before.seq}`)
    }
  }

  it('tells each socket on either gateway of what either API took, with absolute counts', async () => {
    const anasOwn = readMail(gateways[0].url, ana.token)
    await anasOwn.counts(0)
    await postTaken(apis[0], 'um')
    await postTaken(apis[1], 'dois')
    for (const device of devices) {
      await device.receives('dois')
      const [initial, ...news] = device.frames()
      assert.equal(initial?.event, 'unread_count_updated')
      assert.deepEqual(
        news.map((frame) => [frame.event, frame.seq, frame.unread_count]),
        [
          ['new_message', 1, 1],
          ['new_message', 2, 2],
        ],
      )
      assert.deepEqual(device.titles(), ['um', 'dois'])
    }
    assert.deepEqual(devices[0].frames().slice(1), devices[1].frames().slice(1))
    assert.equal(anasOwn.frames().length, 1, 'the sender is told nothing')
    anasOwn.drop()
  })

  it('lowers the count on the other device within a second, once for each message', async () => {
    const [newest] = await readInbox(apis[0])
    assert.ok(newest !== undefined)
    const startedAtMs = performance.now()
    await markRead(apis[0], newest.id)
    unread--
    for (const device of devices) await device.counts(unread, 1_000)
    assert.ok(performance.now() - startedAtMs < 1_000)
    await markRead(apis[1], newest.id)
    assert.deepEqual(
      (await readInbox(apis[1])).map(({ is_read }) => is_read),
      [true, false],
    )
    await postTaken(apis[1], 'três')
    for (const device of devices) {
      await device.receives('três')
      await device.counts(unread)
      assertNoGap(device)
    }
  })

  it('gives back to who reconnects what came while a gateway was down', async () => {
    const [left] = devices
    await gateways[0].process.end('SIGTERM')
    assert.equal(await left.closed, 1001)
    await postTaken(apis[0], 'quatro')
    await postTaken(apis[1], 'cinco')
    const [read] = await readInbox(apis[0])
    await markRead(apis[0], read?.id ?? 0)
    unread--
    gateways[0] = await cluster.startGateway()
    devices[0] = readMail(gateways[0].url, bruno.token, left)
    await devices[0].receives('cinco')
    for (const device of devices)
      await waitUntil('it is told the count last', () => {
        const last = device.frames().at(-1)
        return last?.event === 'unread_count_updated' && last.unread_count === unread
      })
    assert.deepEqual(devices[0].titles(), ['quatro', 'cinco'])
    assert.deepEqual(devices[0].frames().at(-1)?.seq, devices[1].frames().at(-1)?.seq)
    assertNoGap(devices[1])
  })

  it('moves to the other gateway when its own is killed, and misses nothing', async () => {
    const left = devices[0]
    gateways[0].process.signal('SIGKILL')
    assert.equal(await left.closed, 1006)
    await postTaken(apis[0], 'seis')
    const moved = readMail(gateways[1].url, bruno.token, left)
    await moved.receives('seis')
    assert.deepEqual(moved.titles(), ['seis'])
    await moved.counts(unread)
    moved.drop()
    gateways[0] = await cluster.startGateway()
    devices[0] = readMail(gateways[0].url, bruno.token, left)
    await devices[0].receives('seis')
    assert.deepEqual(devices[0].titles(), ['seis'])
    await devices[0].counts(unread)
  })

  it('tells of all that an API took before it was killed, and counts exactly that', async () => {
    const seen = devices.map((device) => device.titles().length)
    const titles = Array.from({ length: 60 }, (_, index) => `rajada ${index}`)
    const posts = titles.map((title) => post(apis[0], title).catch(() => undefined))
    await Promise.race(posts)
    apis[0].process.signal('SIGKILL')
    const answers = await Promise.all(posts)
    const taken = titles.filter((_, index) => answers[index]?.status === 200)
    assert.ok(taken.length > 0)
    apis[0] = await cluster.startApi()
    unread += taken.length
    // A message may have been committed whose answer was cut off: the inbox tells how many were.
    const inbox = await waitUntil('no statement of the killed API runs', async () => {
      const { rows } = await cluster.database.query<{ n: number }>(
        `select count(*)::int as n from pg_stat_activity
         where datname = current_database() and state = 'active' and query ilike '%messages%' and pid <> pg_backend_pid()`,
      )
      return rows[0]?.n === 0 ? await readInbox(apis[0]) : undefined
    })
    const kept = inbox.filter(({ title }) => title.startsWith('rajada')).map(({ title }) => title)
    unread += kept.length - taken.length
    for (const title of taken) assert.ok(kept.includes(title), `${title} was taken and is gone`)
    for (const [index, device] of devices.entries()) {
      await device.receives(kept[0] ?? '')
      await device.counts(unread)
      assert.deepEqual(device.titles().slice(seen[index]), kept.toReversed())
      assertNoGap(device)
    }
    assert.equal(inbox.filter(({ is_read }) => !is_read).length, unread)
  })

  it('takes nothing while the database is down, and tells of what follows without a reconnect', async () => {
    await postgres('pause')
    const { status, headers, body } = await post(apis[0], 'nunca')
    assert.equal(status, 503, JSON.stringify(body))
    assert.match(headers.get('retry-after') ?? '', /^[1-9]\d*$/)
    const whileDown = readMail(gateways[0].url, bruno.token, devices[0])
    await postgres('resume')
    await waitUntil(
      'the API takes messages again',
      async () => (await post(apis[0], 'de volta')).status === 200,
      recoveryMs,
    )
    unread++
    await postTaken(apis[1], 'por fim')
    for (const device of [...devices, whileDown]) {
      await device.receives('por fim', recoveryMs)
      await device.counts(unread)
      assert.deepEqual(device.titles().slice(-2), ['de volta', 'por fim'])
      assert.ok(!device.titles().includes('nunca'))
      assertNoGap(device)
    }
    whileDown.drop()
  })

  it('closes every socket of an account that the command line disables, and lets it in nowhere', async () => {
    const disabling = runTriagem(['user', 'disable', 'bruno'], cluster.env, cluster.folder)
    assert.equal((await disabling.ended).code, 0, disabling.said().err)
    assert.deepEqual(await Promise.all(devices.map(({ closed }) => closed)), [1008, 1008])
    for (const { url } of gateways) assert.equal(await readMail(url, bruno.token).closed, 1008)
    for (const { url } of apis) {
      const { status } = await request(`${url}/messages/inbox/`, { headers: asUser(bruno) })
      assert.equal(status, 401)
    }
    assert.equal((await post(apis[0], 'tarde demais')).status, 404)
  })
})
