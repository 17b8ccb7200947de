import assert from 'node:assert/strict'
import type { PoolClient } from 'pg'
import { endlessPdf, makePdf } from '../services/extraction/make-pdf.js'
import { createServerDatabase, testDatabaseUrl } from '../support/database.js'
import { type InferenceServer, startInferenceServer } from '../support/inference-server.js'
import {
  acceptedJobId,
  type FollowedJob,
  followJob,
  postFile,
  postText,
  request,
} from '../support/job-client.js'
import { endProcesses, type TriagemProcess, whatProcessesSaid } from '../support/processes.js'
import { waitUntil } from '../support/wait-until.js'
import { caller, type Cluster, openCluster, type Serving } from './cluster.js'

const question = 'Bom dia, qual o andamento do meu pedido 4821?'
/** Long enough for a heartbeat to be missed (10 s) and a task to be given to another worker. */
const recoveryMs = 60_000

/** What a step writes, by which it can be held: see `holdSteps`. */
type HeldStep = 'extract' | 'classify' | 'draft' | 'record'

/** Makes every write of a step wait while somebody holds that step of that job. */
const holdSteps = `
  create function hold_step() returns trigger language plpgsql as $$
  declare
    step text := case
      when old.outcome is null and new.outcome is not null then 'classify'
      when old.outcome is distinct from new.outcome then 'draft'
      when old.extracted is distinct from new.extracted then 'extract'
    end;
  begin
    if step is not null then perform pg_advisory_xact_lock_shared(hashtext(new.id || step)); end if;
    return new;
  end $$;
  create trigger hold_step before update on classifications for each row execute function hold_step();
  create function hold_end() returns trigger language plpgsql as $$
  begin
    if new.status = 'completed' then perform pg_advisory_xact_lock_shared(hashtext(new.id || 'record')); end if;
    return new;
  end $$;
  create trigger hold_end before update on runs for each row execute function hold_end();`

const describeWithPostgres = testDatabaseUrl === undefined ? describe.skip : describe

describeWithPostgres('workers killed with -9 (needs TEST_DATABASE_URL)', function () {
  this.timeout(120_000)
  let cluster: Cluster
  let drop: () => Promise<void>
  let api: Serving
  let gateway: Serving
  let inference: InferenceServer
  const workers: TriagemProcess[] = []

  before(async () => {
    const created = await createServerDatabase(testDatabaseUrl ?? '')
    drop = created.drop
    cluster = await openCluster(created.url)
    await cluster.migrate()
    await cluster.database.query(holdSteps)
    api = await cluster.startApi()
    gateway = await cluster.startGateway()
    // The first worker of all makes Temporal's namespace ready; without that no job is accepted.
    const worker = await startWorker('preparing')
    await waitUntil('the cluster is healthy', async () => {
      return (await request(`${api.url}/health`)).status === 200
    })
    await worker.end('SIGTERM')
    inference = await startInferenceServer()
  })
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') console.log(whatProcessesSaid())
    await Promise.all(workers.splice(0).map(kill))
  })
  after(async () => {
    await endProcesses()
    await inference.close()
    await cluster.close()
    await drop()
  })

  async function startWorker(name: string, env = {}): Promise<TriagemProcess> {
    const worker = await cluster.startWorker(name, env)
    workers.push(worker)
    return worker
  }
  const post = async () => acceptedJobId(await postText(api.url, question, caller))
  const postPdf = async (bytes: Buffer) =>
    acceptedJobId(
      await postFile(api.url, { bytes, name: 'mail.pdf', type: 'application/pdf' }, caller),
    )
  const follow = (jobId: string) => followJob([gateway.url], jobId, recoveryMs)
  const kill = (worker: TriagemProcess) => worker.end('SIGKILL')

  /** Sessions of one worker that wait for a lock of ours. */
  async function countHeld(worker: string, kind: 'relation' | 'advisory'): Promise<number> {
    const { rows } = await cluster.database.query<{ held: number }>(
      `select count(*)::int as held from pg_locks join pg_stat_activity using (pid)
       where locktype = $1 and not granted and application_name = $2`,
      [kind, worker],
    )
    return rows[0]?.held ?? 0
  }

  async function assertDoneOnce(jobs: ReadonlyMap<string, Promise<FollowedJob>>): Promise<void> {
    for (const [jobId, followed] of jobs) {
      const { last } = await followed
      assert.equal(last.status, 'completed', `${jobId}: ${last.error ?? ''}`)
      await waitUntil('its one run is over', async () => {
        const runs = await cluster.listRuns(jobId)
        assert.equal(runs.length, 1)
        return runs[0] === 'COMPLETED'
      })
      await waitUntil('its end was heard', () => cluster.ends.has(jobId))
      assert.equal(cluster.ends.get(jobId), 1, 'its end was told once')
    }
  }

  it('another finishes what one was doing, whatever the step, once', async () => {
    const steps: readonly HeldStep[] = ['extract', 'classify', 'draft', 'record']
    const held = new Map<string, HeldStep>()
    for (const step of steps)
      held.set(step === 'extract' ? await postPdf(await makePdf([question])) : await post(), step)
    const holder: PoolClient = await cluster.database.connect()
    try {
      // Nobody reads a row: the first worker is killed while it looks the jobs up.
      await holder.query('begin')
      await holder.query('lock table classifications in access exclusive mode')
      const first = await startWorker('first')
      await waitUntil('the first looks the jobs up', async () => {
        return (await countHeld('first', 'relation')) >= steps.length
      })
      const second = await startWorker('second')
      await kill(first)
      // The second gets as far as each job's own hold, and is killed there.
      for (const [jobId, step] of held)
        await holder.query('select pg_advisory_lock(hashtext($1))', [`${jobId}${step}`])
      await holder.query('commit')
      const jobs = new Map([...held.keys()].map((jobId) => [jobId, follow(jobId)]))
      await waitUntil(
        'the second is at each of the steps',
        async () => (await countHeld('second', 'advisory')) === steps.length,
        recoveryMs,
      )
      await startWorker('third')
      await kill(second)
      await holder.query('select pg_advisory_unlock_all()')
      await assertDoneOnce(jobs)
    } finally {
      holder.release(true)
    }
  })

  it('another asks the provider again, once it is known that one died asking', async () => {
    const env = { INFERENCE_ENDPOINT: inference.url(), INFERENCE_MODEL: 'any' }
    // As a category and as a draft it makes sense.
    const answer = {
      mode: 'answers',
      content: 'Este e-mail é Produtivo, respondemos em breve.',
    } as const
    inference.behave(answer, { mode: 'stalls' })
    const first = await startWorker('first', env)
    const drafting = await post()
    await waitUntil('it asks for a draft', () => inference.requests.length === 2)
    const classifying = await post()
    await waitUntil('it asks for a category', () => inference.requests.length === 3)
    const jobs = new Map([drafting, classifying].map((jobId) => [jobId, follow(jobId)]))
    await startWorker('second', env)
    await kill(first)
    inference.behave(answer)
    await assertDoneOnce(jobs)
    for (const followed of jobs.values()) {
      const { result } = (await followed).last
      assert.equal(result?.engine, 'openai')
      assert.equal(result.degraded, false)
      assert.equal(result.suggested_response, answer.content)
    }
    // The category was not asked for again where it was known: 2 + 1 before, 1 + 2 after.
    assert.equal(inference.requests.length, 6)
  })

  it('one that starts later finishes what all were doing', async () => {
    const both = [await startWorker('first'), await startWorker('second')]
    const ids: string[] = []
    for (let index = 0; index < 10; index++)
      ids.push(await (index % 2 === 0 ? post() : postPdf(endlessPdf(index % 4 === 1 ? 4 : 5))))
    await Promise.all(both.map(kill))
    const jobs = new Map(ids.map((jobId) => [jobId, follow(jobId)]))
    const { body } = await request(`${api.url}/health`)
    assert.ok(Number(body['active_jobs']) > 0, 'something was left to do')
    await startWorker('later')
    await assertDoneOnce(jobs)
  })
})
