import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { packageRoot } from '../../config/package.js'
import {
  startTemporalServer,
  type TemporalServer,
} from '../../commands/one-machine/temporal-server.js'
import { endlessPdf } from '../services/extraction/make-pdf.js'
import { testDatabaseUrl } from '../support/database.js'
import {
  acceptedJobId,
  type Answer,
  followJob,
  postFile,
  postText,
  request,
} from '../support/job-client.js'
import { endProcesses, lastingPort, whatProcessesSaid } from '../support/processes.js'
import { getTemporalCli } from '../support/temporal-binaries.js'
import { waitUntil } from '../support/wait-until.js'
import { caller, type Cluster, openCluster, outsideTemporal, type Serving } from './cluster.js'

const question = 'Bom dia, qual o andamento do meu pedido 4821?'
const slowPdf = { bytes: endlessPdf(5), name: 'mail.pdf', type: 'application/pdf' }
const recoveryMs = 60_000

const describeWithPostgres = testDatabaseUrl === undefined ? describe.skip : describe

/** These stop whole servers, so they have their own: TEST_DATABASE_URL only says that PostgreSQL is here. */
describeWithPostgres('outages of the cluster’s servers (needs TEST_DATABASE_URL)', function () {
  this.timeout(120_000)
  let folder: string
  let temporal: TemporalServer | undefined
  let startTemporal: () => Promise<TemporalServer>
  let cluster: Cluster
  let api: Serving
  let gateway: Serving

  const postgres = async (verb: string, ...more: string[]): Promise<string> => {
    const script = join(packageRoot, '.ci', 'postgres.sh')
    const { stdout } = await promisify(execFile)(script, [verb, join(folder, 'pg'), ...more])
    return stdout.trim()
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'triagem-outages-'))
    // User postgres passes through to its own folder.
    await chmod(folder, 0o711)
    const databaseUrl = await postgres('start', String(await lastingPort()))
    const [port, uiPort] = [await lastingPort(), await lastingPort()]
    startTemporal = async () =>
      await startTemporalServer({
        binary: await getTemporalCli(),
        dataDir: folder,
        port,
        uiPort,
        namespace: 'default',
        log: () => undefined,
      })
    temporal = outsideTemporal === undefined ? await startTemporal() : undefined
    cluster = await openCluster(databaseUrl, temporal?.address)
    await cluster.migrate()
    api = await cluster.startApi()
    gateway = await cluster.startGateway()
    await cluster.startWorker('worker')
    await untilHealthy()
  })
  afterEach(function () {
    if (this.currentTest?.state === 'failed') console.log(whatProcessesSaid())
  })
  after(async () => {
    await endProcesses()
    await cluster.close()
    await temporal?.stop()
    await postgres('stop')
    await rm(folder, { recursive: true, force: true })
  })

  const health = () => request(`${api.url}/health`)
  const untilHealthy = () =>
    waitUntil('it is healthy', async () => (await health()).status === 200, recoveryMs)

  /** Jobs that are read and waited for when a server goes: two slow ones and some that are quick. */
  async function postSome(): Promise<string[]> {
    const posts = [slowPdf, slowPdf].map((file) => postFile(api.url, file, caller))
    posts.push(...Array.from({ length: 6 }, () => postText(api.url, question, caller)))
    return (await Promise.all(posts)).map(acceptedJobId)
  }

  async function assertUnhealthy(part: 'temporal' | 'database'): Promise<void> {
    const { status, body } = await health()
    assert.equal(status, 503)
    const components = body['components'] as Record<string, string>
    assert.equal(components[part], 'unhealthy')
  }

  function assertRefused({ status, headers, body }: Answer): void {
    assert.equal(status, 503)
    assert.match(headers.get('retry-after') ?? '', /^[1-9]\d*$/)
    assert.equal(body['code'], 'unavailable')
  }

  /** Each ends on the socket it began with: what was not heard meanwhile is read again. */
  async function assertAllComplete(
    followed: readonly ReturnType<typeof followJob>[],
  ): Promise<void> {
    for (const { last, connections } of await Promise.all(followed)) {
      assert.equal(last.status, 'completed', JSON.stringify(last))
      assert.equal(connections, 1)
    }
  }

  const itWithOwnTemporal = outsideTemporal === undefined ? it : it.skip

  itWithOwnTemporal(
    'accepts nothing without Temporal, keeps nothing of it, and goes on',
    async () => {
      const followed = (await postSome()).map((id) => followJob([gateway.url], id, recoveryMs))
      await temporal?.stop()
      const headers = { ...caller, 'idempotency-key': 'sent-again-later' }
      const count = async () => {
        const { rows } = await cluster.database.query<{ rows: number; keys: number }>(
          `select (select count(*)::int from runs) as rows,
           (select count(*)::int from idempotency_keys) as keys`,
        )
        return rows[0]
      }
      const before = await count()
      assertRefused(await postText(api.url, question, headers))
      assertRefused(await postText(api.url, question, caller))
      assert.deepEqual(await count(), before)
      await assertUnhealthy('temporal')
      temporal = await startTemporal()
      await untilHealthy()
      const jobId = acceptedJobId(await postText(api.url, question, headers))
      await assertAllComplete([...followed, followJob([gateway.url], jobId, recoveryMs)])
    },
  )

  /** The server and every process of its own. */
  async function signalPostgres(signal: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    const file = await readFile(join(folder, 'pg', 'data', 'postmaster.pid'), 'utf8')
    const server = Number.parseInt(file)
    const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=', '--ppid', String(server)])
    for (const pid of [server, ...stdout.trim().split(/\s+/u).map(Number)])
      process.kill(pid, signal)
  }

  it('has taken nothing of what it refused while PostgreSQL was frozen', async () => {
    const listIds = async () => {
      const { rows } = await cluster.database.query<{ id: string }>('select id::text from runs')
      return new Set(rows.map(({ id }) => id))
    }
    const before = await listIds()
    const posting = Array.from({ length: 60 }, async (_, turn) => {
      await delay(5 * turn)
      const headers = turn % 2 === 0 ? caller : { ...caller, 'idempotency-key': `frozen-${turn}` }
      return await request(`${api.url}/classify-email`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ text: question }),
        signal: AbortSignal.timeout(recoveryMs),
      })
    })
    await delay(150)
    await signalPostgres('SIGSTOP')
    // Longer than a statement may take (db/database.ts).
    await delay(17_000).finally(() => signalPostgres('SIGCONT'))
    const answers = await Promise.all(posting)
    const refused = answers.filter(({ status }) => status !== 200)
    refused.forEach(assertRefused)
    assert.ok(refused.length > 0 && refused.length < answers.length, `${refused.length} refused`)
    await untilHealthy()
    const accepted = answers.filter(({ status }) => status === 200).map(acceptedJobId)
    await assertAllComplete(accepted.map((id) => followJob([gateway.url], id, recoveryMs)))
    // What a frozen server had read it carries out at once when it goes on: by now all of it is there.
    await waitUntil(
      'nothing is left of what was refused',
      async () => [...(await listIds())].every((id) => before.has(id) || accepted.includes(id)),
      20_000,
    )
    const { rows } = await cluster.database.query<{ keys: number }>(
      `select count(*)::int as keys from idempotency_keys where target_id not in (select id::text from runs)`,
    )
    assert.equal(rows[0]?.keys, 0)
  })

  it('loses no job and no last frame when PostgreSQL stops and starts', async () => {
    const ids = await postSome()
    const followed = ids.map((id) => followJob([gateway.url], id, recoveryMs))
    const { body } = await health()
    assert.ok(Number(body['active_jobs']) > 0, 'something is under way')
    await postgres('pause')
    assertRefused(await postText(api.url, question, caller))
    assert.equal((await request(`${api.url}/job-status/${ids[0] ?? ''}`)).status, 503)
    await assertUnhealthy('database')
    await postgres('resume')
    await assertAllComplete(followed)
    await untilHealthy()
    const jobId = acceptedJobId(await postText(api.url, question, caller))
    await assertAllComplete([followJob([gateway.url], jobId, recoveryMs)])
  })
})
