import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import { z } from 'zod'
import { packageRoot } from '../../config/package.js'
import { sweepRunsScheduleId } from '../../workflow-ids.js'
import { postText, request } from '../support/job-client.js'
import {
  asOperator,
  endProcesses,
  lastingPort,
  runTriagem,
  type TriagemProcess,
  whatProcessesSaid,
} from '../support/processes.js'
import { waitUntil } from '../support/wait-until.js'

const fixtures = join(packageRoot, 'test', 'upgrade')
const state = z.record(z.string(), z.unknown())
const modelsSchema = z.array(z.looseObject({ id: z.int().nullable() }))
const factsSchema = z.object({
  finished_jobs: z.record(z.string(), z.object({ state })),
  cancelled_job: z.object({ state }),
  removed_job: z.object({ job_id: z.string() }),
  idempotency: z.object({
    key: z.string(),
    body: z.object({ text: z.string() }),
    job_id: z.string(),
  }),
  open_jobs: z.record(
    z.string(),
    z.object({ job_id: z.string(), expected: z.object({ status: z.string() }) }),
  ),
  accounts: z.record(z.string(), z.object({ password: z.string(), role: z.string() })),
  mail: z.object({
    inbox: z.record(z.string(), z.unknown()),
    outbox: z.record(z.string(), z.unknown()),
  }),
  models: modelsSchema,
  batches: z.object({
    done: z.object({ id: z.string() }),
    open: z.object({ id: z.string() }),
  }),
})

/**
 * A DATA_DIR that version 0.1.0 left behind when it was killed at work (make-data-dir.mjs made it), with finished and
 * open jobs, mail, accounts, a trained model and batches.
 */
describe('an upgrade from 0.1.0', function () {
  this.timeout(180_000)
  let folder: string
  let facts: z.infer<typeof factsSchema>
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') console.log(whatProcessesSaid())
    await endProcesses()
    await rm(folder, { recursive: true, force: true })
  })

  async function unpack() {
    folder = await mkdtemp(join(tmpdir(), 'triagem-upgrade-'))
    const dataDir = join(folder, 'data')
    await mkdir(dataDir)
    execFileSync('tar', ['-xzf', join(fixtures, 'data-dir-0.1.0.tar.gz'), '-C', dataDir])
    facts = factsSchema.parse(
      JSON.parse(await readFile(join(fixtures, 'data-dir-0.1.0.json'), 'utf8')),
    )
    const temporalPort = await lastingPort()
    const port = await lastingPort()
    const env = {
      PORT: String(port),
      DATA_DIR: dataDir,
      TEMPORAL_PORT: String(temporalPort),
      TEMPORAL_UI_PORT: String(await lastingPort()),
      LOG_LEVEL: 'warn',
    }
    return { env, dataDir, temporalPort, url: `http://127.0.0.1:${port}` }
  }

  async function start(env: Readonly<Record<string, string>>): Promise<TriagemProcess> {
    const product = runTriagem(['start'], env, folder)
    await product.saying(/Triagem is ready\./, 90_000)
    return product
  }

  async function finishOpen(url: string, temporalPort: number) {
    const connection = await Connection.connect({ address: `127.0.0.1:${temporalPort}` })
    const { schedule } = new Client({ connection })
    const { done, open } = facts.batches
    const runs = [...Object.values(facts.open_jobs).map((job) => job.job_id), open.id]
    for (const id of runs) {
      const end = await waitUntil(
        'an open run is over',
        async () => {
          // It would come by itself within a minute.
          await schedule.getHandle(sweepRunsScheduleId).trigger()
          const { body } = await request(`${url}/runs/${id}`)
          return body['ended_at'] === null ? undefined : body
        },
        120_000,
      )
      assert.deepEqual([end['status'], end['error']], ['completed', null])
    }
    assert.equal((await request(`${url}/runs/${done.id}`)).body['status'], 'completed')
    await connection.close()
  }

  it('keeps what was finished, and finishes what was open', async () => {
    const { env, url, dataDir, temporalPort } = await unpack()
    const product = await start(env)
    const get = async (path: string, token?: string) => {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
      return (await request(`${url}${path}`, { headers })).body as unknown
    }
    for (const job of [...Object.values(facts.finished_jobs), facts.cancelled_job])
      assert.deepEqual(await get(`/job-status/${String(job.state['job_id'])}`), job.state)
    const removed = await request(`${url}/job-status/${facts.removed_job.job_id}`)
    assert.equal(removed.status, 404)
    // The default one, without an id, is this version's own.
    const kept = (models: z.infer<typeof modelsSchema>) => models.filter(({ id }) => id !== null)
    const { body: models } = await request(`${url}/models`, { headers: await asOperator(dataDir) })
    assert.deepEqual(kept(modelsSchema.parse(models)), kept(facts.models))
    for (const [username, { password }] of Object.entries(facts.accounts)) {
      const body = new URLSearchParams({ username, password })
      const { body: token } = await request(`${url}/token`, { method: 'POST', body })
      for (const box of ['inbox', 'outbox'] as const)
        assert.deepEqual(
          await get(`/messages/${box}/`, String(token['access_token'])),
          facts.mail[box][username],
        )
    }
    const { key, body, job_id: jobId } = facts.idempotency
    const again = await postText(url, body.text, { 'idempotency-key': key })
    assert.equal(again.body['job_id'], jobId)
    const other = await postText(url, 'Outro texto', { 'idempotency-key': key })
    assert.deepEqual([other.status, other.body['code']], [422, 'idempotency_conflict'])
    await finishOpen(url, temporalPort)
    assert.deepEqual(await product.end('SIGTERM'), { code: 0, signal: null })
  })

  it('finishes what was open though the file of Temporal is gone', async () => {
    const { env, url, dataDir, temporalPort } = await unpack()
    await rm(join(dataDir, 'temporal'), { recursive: true })
    await start(env)
    await finishOpen(url, temporalPort)
  })
})
