import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isDeepStrictEqual, promisify } from 'node:util'
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
import {
  endProcesses,
  lastingPort,
  type TriagemProcess,
  whatProcessesSaid,
} from '../support/processes.js'
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
  let worker: TriagemProcess

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
    worker = await cluster.startWorker('worker')
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

  /** Stops every process of PostgreSQL where it is: connections stay, and nothing answers. @returns what lets them go on */
  async function freezePostgres(): Promise<() => void> {
    const file = await readFile(join(folder, 'pg', 'data', 'postmaster.pid'), 'utf8')
    const server = Number.parseInt(file)
    // It first, so that there is no new child meanwhile.
    process.kill(server, 'SIGSTOP')
    const children = await readFile(`/proc/${server}/task/${server}/children`, 'utf8')
    const all = [server, ...children.trim().split(' ').map(Number)]
    for (const pid of all) process.kill(pid, 'SIGSTOP')
    return () => {
      for (const pid of all) process.kill(pid, 'SIGCONT')
    }
  }

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

  it('keeps and runs nothing that it refused while PostgreSQL was frozen', async () => {
    const { database } = cluster
    await database.query(`
      create table written (id uuid);
      create function note_run() returns trigger language plpgsql as $$
      begin
        insert into written values (new.id);
        return new;
      end $$;
      create trigger note_run after insert on runs for each row execute function note_run();`)
    const list = async (select: string) => {
      const { rows } = await database.query<{ id: string }>(select)
      return rows.map(({ id }) => id).sort()
    }
    const earlier = new Set(await list('select id from runs'))
    const listNew = async (condition: string) =>
      (await list(`select id from runs where ${condition}`)).filter((id) => !earlier.has(id))
    const untilOnly = (ids: readonly string[]) =>
      waitUntil(
        'what was promised has ended, and nothing else is there',
        async () => {
          const completed = await listNew(`status = 'completed'`)
          return isDeepStrictEqual([completed, await listNew('true')], [ids, ids])
        },
        recoveryMs,
      )
    // Without a worker the machine is quiet, and the moments below are met.
    await worker.end('SIGTERM')
    // So high that a process counts its requests without the database: what is under way are inserts.
    const env = { POST_LIMIT_PER_MINUTE: '60000' }
    const apis = await Promise.all(Array.from({ length: 3 }, () => cluster.startApi(env)))
    const post = ({ url }: Serving, key?: string) =>
      postText(url, question, key === undefined ? caller : { ...caller, 'idempotency-key': key })
    const postSeveral = (to: Serving) => Array.from({ length: 14 }, () => post(to))
    // Fills each pool with connections.
    const before = await Promise.all(apis.flatMap(postSeveral))
    // Two APIs have requests under way when it freezes, half of them with a key. The third is asked once it is frozen,
    // and what its backlog counted for one more just before holds for 250 ms, so that its inserts are what wait.
    const [first, second, third] = apis as [Serving, Serving, Serving]
    const keyed = [first, second].flatMap((to) =>
      Array.from({ length: 7 }, (_, at) => ({ to, key: `frozen-${apis.indexOf(to)}-${at}` })),
    )
    await delay(300)
    const last = post(third)
    const during = keyed.flatMap(({ to, key }) => [post(to, key), post(to)])
    before.push(await last)
    const thaw = await freezePostgres()
    during.push(...postSeveral(third))
    const answers = await Promise.all(during).finally(thaw)

    const refused = answers.filter(({ status }) => status !== 200)
    refused.forEach(assertRefused)
    const told = [...before, ...answers.filter(({ status }) => status === 200)].map(acceptedJobId)
    const listLate = async () =>
      (await list('select id from written')).filter((id) => !told.includes(id))
    await waitUntil('inserts are carried out after their answers', async () => {
      return (await listLate()).length >= 5
    })
    worker = await cluster.startWorker('worker')
    // Who sends a request again gets a job, be it the one that was written late.
    const again = await Promise.all(keyed.map(({ to, key }) => post(to, key)))
    told.push(...again.map(acceptedJobId))
    await untilOnly([...new Set(told)].sort())
    const takenBack = await listLate()
    for (const id of takenBack) assert.deepEqual(await cluster.listRuns(id), [])
    const lostKeys =
      'select key_hash as id from idempotency_keys where target_id not in (select id::text from runs)'
    assert.deepEqual(await list(lostKeys), [])
  })
})
