import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { createTemporalJobRunner } from '../../services/adapters/temporal-job-runner.js'
import type { JobRunner } from '../../services/runs/job-runner.js'
import { createSweepActivities, type SweepJobsResult } from '../../activities/sweep-jobs.js'
import { claimIdempotencyKey } from '../../db/idempotency.js'
import type { OpenDatabase } from '../../db/database.js'
import { removeJob } from '../../db/jobs.js'
import { classifyEmailWorkflowId } from '../../workflow-ids.js'
import { openTestDatabase } from '../support/database.js'
import { openRealServer } from '../workflows/stubbed-worker.js'
import {
  getRow,
  insertTestJob,
  newActivityEnvironment,
} from '../services/email-classification/test-job.js'

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs
const nobody = {
  account_id: null,
  caller: null,
  subject: null,
  address_hash: null,
  request_id: null,
}

describe('sweepJobs', function () {
  this.timeout(30_000)
  let database: OpenDatabase

  beforeEach(async () => {
    database = await openTestDatabase()
  })

  const sweep = async (runner: JobRunner): Promise<SweepJobsResult> => {
    const activities = createSweepActivities({ db: database.db, runner })
    return await newActivityEnvironment().run(() => activities.sweepJobs())
  }

  const insertSilentJob = async (silentMs = 2 * minuteMs) => {
    const id = await insertTestJob(database.db, 'Bom dia')
    const updated_at = new Date(Date.now() - silentMs)
    await database.db.updateTable('jobs').set({ updated_at }).where('id', '=', id).execute()
    return id
  }

  /** A runner that only remembers; `state` says what it finds. */
  const rememberingRunner = (state: Awaited<ReturnType<JobRunner['findState']>>) => {
    const started: string[] = []
    const asked: string[] = []
    const runner: JobRunner = {
      start: (id) => Promise.resolve(void started.push(id)),
      cancel: () => Promise.resolve(),
      findState: (id) => Promise.resolve((asked.push(id), state)),
      queryProgress: () => Promise.resolve(undefined),
    }
    return { runner, started, asked }
  }

  describe('with a real Temporal server', () => {
    let server: Awaited<ReturnType<typeof openRealServer>>
    let runner: JobRunner

    before(async function () {
      this.timeout(180_000)
      server = await openRealServer()
      runner = createTemporalJobRunner(server.client, `nobody-${randomUUID()}`)
    })
    after(() => server.close())

    it('starts what never started, ends what was closed, and leaves alone what runs', async () => {
      const [missing, running, closed] = [
        await insertSilentJob(),
        await insertSilentJob(),
        await insertSilentJob(),
      ]
      await runner.start(running)
      await runner.start(closed)
      await server.client.workflow.getHandle(classifyEmailWorkflowId(closed)).terminate()
      const untouched = await getRow(database.db, running)

      const { started, ended } = await sweep(runner)
      assert.deepEqual({ started, ended }, { started: 1, ended: 1 })
      assert.equal(await runner.findState(missing), 'running')
      assert.deepEqual(await getRow(database.db, running), untouched)
      const { status, error, step } = await getRow(database.db, closed)
      assert.deepEqual(
        { status, error, step },
        { status: 'failed', error: 'stopped_outside', step: 'stopped' },
      )

      const again = await sweep(runner)
      assert.deepEqual({ started: again.started, ended: again.ended }, { started: 0, ended: 0 })
      for (const id of [missing, running])
        await server.client.workflow.getHandle(classifyEmailWorkflowId(id)).terminate()
    })
  })

  it('asks only about open jobs that were silent for a minute', async () => {
    const silent = await insertSilentJob(minuteMs + 5_000)
    await insertSilentJob(minuteMs - 5_000)
    await removeJob(database.db, await insertSilentJob())
    const { runner, asked } = rememberingRunner('running')
    await sweep(runner)
    assert.deepEqual(asked, [silent])
  })

  it('comes through more jobs than fit one page', async () => {
    const content = Buffer.from('sealed')
    const updated_at = new Date(Date.now() - 2 * minuteMs)
    const jobs = Array.from({ length: 450 }, () => ({
      id: randomUUID(),
      source: 'text' as const,
      content,
      updated_at,
    }))
    await database.db.insertInto('jobs').values(jobs).execute()
    const { runner, started } = rememberingRunner('missing')
    assert.equal((await sweep(runner)).started, 450)
    assert.deepEqual([...started].sort(), jobs.map(({ id }) => id).sort())
  })

  it('fails where Temporal can not be asked, and the rows stay open', async () => {
    const id = await insertSilentJob()
    const { runner } = rememberingRunner('missing')
    const away = { ...runner, findState: () => Promise.reject(new Error('14 UNAVAILABLE')) }
    await assert.rejects(sweep(away), /UNAVAILABLE/)
    assert.equal((await getRow(database.db, id)).status, 'pending')
  })

  it('clears keys, removed jobs and counters that have expired, and only those', async () => {
    const { db } = database
    for (const [keyHash, ageMs] of [
      ['old', dayMs + minuteMs],
      ['young', dayMs - minuteMs],
    ] as const) {
      await db
        .transaction()
        .execute((trx) =>
          claimIdempotencyKey(trx, { scope: 's', keyHash, bodyHash: 'b' }, randomUUID()),
        )
      const created_at = new Date(Date.now() - ageMs)
      await db
        .updateTable('idempotency_keys')
        .set({ created_at })
        .where('key_hash', '=', keyHash)
        .execute()
      const id = await insertTestJob(db, keyHash)
      await removeJob(db, id)
      await db.updateTable('jobs').set({ deleted_at: created_at }).where('id', '=', id).execute()
      const expire = Date.now() + (keyHash === 'old' ? -1_000 : minuteMs)
      await db.insertInto('rate_limits').values({ key: keyHash, points: 1, expire }).execute()
    }
    const { expiredKeys, removedJobs } = await sweep(rememberingRunner('running').runner)
    assert.deepEqual({ expiredKeys, removedJobs }, { expiredKeys: 1, removedJobs: 1 })
    const left = await db.selectFrom('idempotency_keys').select('key_hash').execute()
    assert.deepEqual(left, [{ key_hash: 'young' }])
    assert.deepEqual(await db.selectFrom('rate_limits').select('key').execute(), [{ key: 'young' }])
    assert.equal((await db.selectFrom('jobs').select('id').execute()).length, 1)
  })

  it('keeps what happened at the door for 180 days', async () => {
    const { db } = database
    for (const days of [181, 179]) {
      const at = new Date(Date.now() - days * dayMs)
      await db
        .insertInto('audit')
        .values({ action: 'access', outcome: `${days} days ago`, at, ...nobody })
        .execute()
    }
    await sweep(rememberingRunner('running').runner)
    const left = await db.selectFrom('audit').select('outcome').execute()
    assert.deepEqual(left, [{ outcome: '179 days ago' }])
  })
})
