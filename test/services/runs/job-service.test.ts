import assert from 'node:assert/strict'
import {
  createJobService,
  IdempotencyConflictError,
  type JobService,
  JobNotAcceptedError,
  type NewJob,
} from '../../../services/runs/job-service.js'
import type { JobRunner } from '../../../services/runs/job-runner.js'
import type { OpenDatabase } from '../../../db/database.js'
import { findJob, recordEnd } from '../../../db/jobs.js'
import { createKeyRing } from '../../../db/key-ring.js'
import { countRows } from '../../api/support/count-rows.js'
import { createFakeJobRunner, type FakeJobRunner } from '../../api/support/fake-job-runner.js'
import { testKeys } from '../../support/config.js'
import { openTestDatabase } from '../../support/database.js'

const keys = createKeyRing([testKeys.ENC_KEY])
const mail: NewJob = { source: 'text', content: Buffer.from('Bom dia'), idempotencyKey: undefined }
const keyed = (bodyHash = 'b'): NewJob => ({
  ...mail,
  idempotencyKey: { scope: 's', keyHash: 'k', bodyHash },
})

describe('the job service', () => {
  let database: OpenDatabase
  let runner: FakeJobRunner
  let unheard: unknown[]
  const openService = (
    behaviour: Partial<Pick<JobRunner, 'start' | 'cancel'>> = {},
  ): JobService => {
    runner = createFakeJobRunner(behaviour)
    const onUnheardCancel = (error: unknown) => void unheard.push(error)
    return createJobService({ db: database.db, keys, runner, onUnheardCancel })
  }
  beforeEach(async () => {
    database = await openTestDatabase()
    unheard = []
  })

  it('writes the row before it starts the workflow', async () => {
    const found: unknown[] = []
    const service = openService({
      start: async (id) => void found.push((await findJob(database.db, id))?.status),
    })
    await service.submit(mail)
    await service.submit(keyed())
    assert.deepEqual(found, ['pending', 'pending'])
  })

  it('takes everything back where the workflow cannot be started, and keeps the cause', async () => {
    const cause = new Error('away')
    const service = openService({ start: () => Promise.reject(cause) })
    for (const job of [mail, keyed()])
      await assert.rejects(
        service.submit(job),
        (error: unknown) => error instanceof JobNotAcceptedError && error.cause === cause,
      )
    assert.deepEqual(await countRows(database), { jobs: 0, keys: 0 })
  })

  it('refuses one key for two contents', async () => {
    const service = openService()
    await service.submit(keyed('b'))
    await assert.rejects(service.submit(keyed('other')), IdempotencyConflictError)
    assert.deepEqual(await countRows(database), { jobs: 1, keys: 1 })
  })

  it('does not start a job again that is on its way or over', async () => {
    const service = openService()
    const id = await service.submit(keyed())
    await recordEnd(database.db, id, { status: 'completed' })
    assert.equal(await service.submit(keyed()), id)
    assert.deepEqual(runner.started, [id])
  })

  it('refuses a second caller where the first took the job back meanwhile', async () => {
    let calls = 0
    const service = openService({
      start: async () => {
        // The second caller's own start succeeds, but by then the first has taken everything back.
        if (++calls === 2) {
          await database.db.deleteFrom('idempotency_keys').execute()
          await database.db.deleteFrom('jobs').execute()
        }
      },
    })
    await service.submit(keyed())
    await assert.rejects(service.submit(keyed()), JobNotAcceptedError)
    assert.deepEqual(await countRows(database), { jobs: 0, keys: 0 })
  })

  it('ends a cancelled job in its row, then tells the workflow', async () => {
    const service = openService()
    const id = await service.submit(mail)
    await service.cancel(id)
    const row = await findJob(database.db, id)
    assert.deepEqual([row?.status, row?.error, row?.step], ['failed', 'cancelled', 'stopped'])
    await service.cancel(id)
    assert.deepEqual(runner.cancelled, [id])
  })

  it('cancels nothing that is over', async () => {
    const service = openService()
    const id = await service.submit(mail)
    await recordEnd(database.db, id, { status: 'completed' })
    await service.cancel(id)
    assert.equal((await findJob(database.db, id))?.status, 'completed')
    assert.deepEqual(runner.cancelled, [])
  })

  it('cancels and removes though the workflow cannot be told, and says so', async () => {
    const error = new Error('away')
    const service = openService({ cancel: () => Promise.reject(error) })
    const cancelled = await service.submit(mail)
    await service.cancel(cancelled)
    const removed = await service.submit(mail)
    assert.equal(await service.remove(removed), true)
    assert.deepEqual(unheard, [error, error])
    assert.equal((await findJob(database.db, cancelled))?.status, 'failed')
    assert.equal(await findJob(database.db, removed), undefined)
  })

  it('removes a job once', async () => {
    const service = openService()
    const id = await service.submit(mail)
    assert.equal(await service.remove(id), true)
    assert.equal(await service.remove(id), false)
  })
})
