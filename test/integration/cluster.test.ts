import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { JobState } from '../../api/routes/email-classification/job-state.js'
import { createKeyRing, sealText } from '../../db/key-ring.js'
import { classificationPlace } from '../../db/seal-places.js'
import { testKeys } from '../support/config.js'
import { classifyEmailWorkflow } from '../../workflow-definitions.js'
import { runWorkflowId, sweepRunsScheduleId } from '../../workflow-ids.js'
import { endlessPdf } from '../services/extraction/make-pdf.js'
import { createServerDatabase, testDatabaseUrl } from '../support/database.js'
import {
  acceptedJobId,
  followJob,
  type JobWatch,
  postFile,
  postText,
  request,
  watchJob,
} from '../support/job-client.js'
import {
  endProcesses,
  runTriagem,
  type TriagemProcess,
  whatProcessesSaid,
} from '../support/processes.js'
import { waitUntil } from '../support/wait-until.js'
import {
  caller,
  type Cluster,
  greedyCaller,
  openCluster,
  postLimitPerMinute,
  type Serving,
} from './cluster.js'

const question = 'Bom dia, qual o andamento do meu pedido 4821?'
/** Half a second, and five seconds and more, of reading. */
const shortPdf = { bytes: endlessPdf(4), name: 'mail.pdf', type: 'application/pdf' }
const longPdf = { ...shortPdf, bytes: endlessPdf(6) }
const endWithinMs = 10_000

const describeWithPostgres = testDatabaseUrl === undefined ? describe.skip : describe

describeWithPostgres('the cluster form (needs TEST_DATABASE_URL)', function () {
  this.timeout(60_000)
  let cluster: Cluster
  let drop: () => Promise<void>
  let apis: [Serving, Serving]
  let gateways: [Serving, Serving]
  let workers: [TriagemProcess, TriagemProcess]

  before(async () => {
    const created = await createServerDatabase(testDatabaseUrl ?? '')
    drop = created.drop
    cluster = await openCluster(created.url)
  })
  afterEach(function () {
    if (this.currentTest?.state === 'failed') console.log(whatProcessesSaid())
  })
  after(async () => {
    await endProcesses()
    await cluster.close()
    await drop()
  })

  const watchFrom = (gateway: Serving, jobId: string) => watchJob(gateway.url, jobId)

  async function refusal(part: string, env: Readonly<Record<string, string>>): Promise<string> {
    const refused = runTriagem([part], env, cluster.folder)
    assert.equal((await refused.ended).code, 1)
    const lines = refused.said().err.trim().split('\n')
    assert.equal(lines.length, 1, lines.join('\n'))
    return lines[0] ?? ''
  }

  describe('before it runs', () => {
    for (const part of ['api', 'gateway', 'worker'])
      it(`refuses an unmigrated database in a sentence (${part})`, async () => {
        assert.match(
          await refusal(part, cluster.env),
          /^The database lacks.*run triagem migrate first\.$/,
        )
      })

    it('names the settings that an API lacks', async () => {
      const without = (...names: readonly string[]) =>
        Object.fromEntries(Object.entries(cluster.env).filter(([name]) => !names.includes(name)))
      assert.match(
        await refusal('api', without('ENC_KEY', 'SECRET_KEY')),
        /ENC_KEY, SECRET_KEY must be set/,
      )
      assert.match(
        await refusal('api', { ...without('API_KEYS'), HOST: '0.0.0.0' }),
        /set API_KEYS first/,
      )
      assert.match(
        await refusal('api', without('DATABASE_URL')),
        /set DATABASE_URL and TEMPORAL_ADDRESS/,
      )
    })

    it('migrates once, however often it is asked', async () => {
      assert.match(await cluster.migrate(), /^Migrated: 0001-jobs, 0002-accounts, 0003-open-jobs/)
      assert.equal(await cluster.migrate(), 'The database is up to date.')
    })
  })

  describe('with two of each part', () => {
    before(async () => {
      apis = [await cluster.startApi(), await cluster.startApi()]
      gateways = [await cluster.startGateway(), await cluster.startGateway()]
      workers = [await cluster.startWorker('first'), await cluster.startWorker('second')]
      await waitUntil('the cluster is healthy', async () => {
        return (await request(`${apis[0].url}/health`)).status === 200
      })
    })

    it('shows a job that either API took on either gateway', async () => {
      for (const api of apis) {
        const jobId = acceptedJobId(await postFile(api.url, shortPdf, caller))
        const watches = gateways.map((gateway) => watchFrom(gateway, jobId))
        for (const { frames, closed } of watches) {
          assert.equal(await closed, 1000)
          assert.ok(frames.some(({ status }) => status === 'extracting_text'))
          assert.equal(frames.at(-1)?.status, 'completed')
          assertOnlyForward(frames)
        }
        for (const { url } of apis) {
          const { body } = await request(`${url}/job-status/${jobId}`)
          assert.deepEqual(body, watches[0]?.frames.at(-1))
        }
      }
    })

    it('ends a job for all when the other gateway is told to cancel it', async () => {
      const jobId = acceptedJobId(await postFile(apis[0].url, longPdf, caller))
      const [watcher, canceller] = gateways.map((gateway) => watchFrom(gateway, jobId)) as [
        JobWatch,
        JobWatch,
      ]
      await untilReading(canceller)
      canceller.send({ type: 'cancel' })
      for (const { frames, closed } of [watcher, canceller]) {
        assert.equal(await closed, 1000)
        assert.equal(frames.at(-1)?.status, 'failed')
        assert.equal(frames.at(-1)?.error, 'Cancelado a pedido.')
      }
      await waitUntil('its workflow is over', async () => {
        const runs = await cluster.listRuns(jobId)
        return runs.length === 1 && runs[0] !== 'RUNNING'
      })
    })

    it('counts a caller’s POSTs over both APIs', async () => {
      const answers = []
      for (let i = 0; i < postLimitPerMinute; i += 10)
        answers.push(
          ...(await Promise.all(
            Array.from({ length: 10 }, (_, at) => postText(apis[at % 2]!.url, ' ', greedyCaller)),
          )),
        )
      assert.deepEqual([...new Set(answers.map(({ status }) => status))], [400])
      for (const { url } of apis) {
        const { status, headers } = await postText(url, question, greedyCaller)
        assert.equal(status, 429)
        assert.match(headers.get('retry-after') ?? '', /^[1-9]\d*$/)
      }
      acceptedJobId(await postText(apis[0].url, question, caller))
    })

    it('makes one job of one key sent to both APIs at once', async () => {
      const headers = { ...caller, 'idempotency-key': randomUUID() }
      const sent = await Promise.all(
        [...apis, ...apis, ...apis].map(({ url }) => postText(url, question, headers)),
      )
      const ids = new Set(sent.map(acceptedJobId))
      assert.equal(ids.size, 1)
      for (const { url } of apis)
        assert.equal((await postText(url, 'Obrigado!', headers)).status, 422)
      const { rows } = await cluster.database.query('select 1 from runs where id = any($1)', [
        [...ids],
      ])
      assert.equal(rows.length, 1)
    })

    it('limits polling in each API', async () => {
      const jobId = acceptedJobId(await postText(apis[0].url, question, caller))
      const ask = ({ url }: Serving) => request(`${url}/job-status/${jobId}`)
      assert.equal((await ask(apis[0])).status, 200)
      assert.equal((await ask(apis[0])).status, 429)
      assert.equal((await ask(apis[1])).status, 200)
      assert.equal((await request(`${apis[0].url}/job-status/${randomUUID()}`)).status, 404)
    })

    it('ends a watched job within 10 s of its workflow being terminated', async () => {
      const jobId = acceptedJobId(await postFile(apis[0].url, longPdf, caller))
      const watch = watchFrom(gateways[1], jobId)
      await untilReading(watch)
      await cluster.temporal.workflow
        .getHandle(runWorkflowId(classifyEmailWorkflow, jobId))
        .terminate()
      const terminatedAtMs = Date.now()
      assert.equal(await watch.closed, 1000)
      assert.ok(Date.now() - terminatedAtMs < endWithinMs)
      assert.equal(watch.frames.at(-1)?.status, 'failed')
      assert.equal(typeof watch.frames.at(-1)?.error, 'string')
    })

    it('has the sweeper end a job that nobody watches, and start one that was never started', async () => {
      const jobId = acceptedJobId(await postFile(apis[0].url, longPdf, caller))
      const statusOf = async (id: string) => {
        const { rows } = await cluster.database.query<{
          status: string
          error: string | null
          step: string
        }>('select status, error, step from runs where id = $1', [id])
        return rows[0]
      }
      await waitUntil('its PDF is being read', async () => {
        return (await statusOf(jobId))?.step === 'extracting_text'
      })
      await cluster.temporal.workflow
        .getHandle(runWorkflowId(classifyEmailWorkflow, jobId))
        .terminate()
      const forgottenId = randomUUID()
      const keys = createKeyRing([testKeys.ENC_KEY])
      const content = sealText(keys, question, classificationPlace('content', forgottenId))
      await cluster.database.query(
        `with run as (insert into runs (id, kind) values ($1, 'classification'))
         insert into classifications (id, source, content) values ($1, 'text', $2)`,
        [forgottenId, content],
      )
      // Both rows are made to look old, because nobody waits a minute.
      await cluster.database.query(
        `update runs set updated_at = now() - interval '2 minutes' where id = any($1)`,
        [[jobId, forgottenId]],
      )
      await cluster.temporal.schedule.getHandle(sweepRunsScheduleId).trigger()
      const end = async (id: string) => {
        const row = await statusOf(id)
        if (row?.status !== 'completed' && row?.status !== 'failed') return undefined
        return { status: row.status, error: row.error }
      }
      assert.deepEqual(await waitUntil('the first is over', () => end(jobId)), {
        status: 'failed',
        error: 'stopped_outside',
      })
      assert.deepEqual(await waitUntil('the second is over', () => end(forgottenId), 40_000), {
        status: 'completed',
        error: null,
      })
    })

    it('loses nothing when one of each part is told to stop', async () => {
      const stopping = [apis[0].process, gateways[0].process, workers[0]]
      const jobs = Array.from({ length: 40 }, async (_, index) => {
        const headers = { ...caller, 'idempotency-key': randomUUID() }
        let jobId: string | undefined
        for (let attempt = index; jobId === undefined; attempt++) {
          const { url } = apis[attempt % 2]!
          const post =
            index % 10 === 0 ? postFile(url, shortPdf, headers) : postText(url, question, headers)
          // A connection that is refused or cut is tried at the other API, as a proxy or a client does.
          const answer = await post.catch(() => undefined)
          jobId = answer === undefined ? undefined : acceptedJobId(answer)
        }
        const urls = gateways.map(({ url }) => url)
        return { jobId, ...(await followJob(urls, jobId, 50_000)) }
      })
      await Promise.race(jobs)
      const askedAtMs = Date.now()
      const ends = await Promise.all(stopping.map((process) => process.end('SIGTERM')))
      assert.ok(Date.now() - askedAtMs < endWithinMs, `took ${Date.now() - askedAtMs} ms`)
      assert.deepEqual(
        ends,
        stopping.map(() => ({ code: 0, signal: null })),
      )
      const followed = await Promise.all(jobs)
      assert.equal(new Set(followed.map(({ jobId }) => jobId)).size, 40)
      for (const { jobId, last, frames } of followed) {
        assert.equal(last.status, 'completed')
        assertOnlyForward(frames)
        await waitUntil('its end was heard', () => cluster.ends.has(jobId))
        assert.equal(cluster.ends.get(jobId), 1)
      }
    })
  })
})

const untilReading = ({ frames }: JobWatch) =>
  waitUntil('its PDF is being read', () =>
    frames.some(({ status }) => status === 'extracting_text'),
  )

function assertOnlyForward(frames: readonly JobState[]): void {
  frames.slice(1).forEach((frame, index) => {
    const before = frames[index]!
    assert.ok(frame.progress >= before.progress, `${frame.progress} after ${before.progress}`)
    assert.ok(
      frame.epoch > before.epoch || frame.seq >= before.seq,
      `${frame.seq} after ${before.seq}`,
    )
  })
}
