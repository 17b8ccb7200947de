import assert from 'node:assert/strict'
import {
  createJobDesk,
  IdempotencyConflictError,
  type JobDesk,
  JobNotAcceptedError,
  type NewJob,
} from '../../../activities/email/job-desk.js'
import type { JobRunner } from '../../../activities/email/job-runner.js'
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

describe('the job desk', () => {
  let database: OpenDatabase
  let runner: FakeJobRunner
  let unheard: unknown[]
  const openDesk = (behaviour: Partial<Pick<JobRunner, 'start' | 'cancel'>> = {}): JobDesk => {
    runner = createFakeJobRunner(behaviour)
    const onUnheardCancel = (error: unknown) => void unheard.push(error)
    return createJobDesk({ db: database.db, keys, runner, onUnheardCancel })
  }
  beforeEach(async () => {
    database = await openTestDatabase()
    unheard = []
  })

  it('writes the row before it starts the workflow', async () => {
    const found: unknown[] = []
    const desk = openDesk({
      start: async (id) => void found.push((await findJob(database.db, id))?.status),
    })
    await desk.submit(mail)
    await desk.submit(keyed())
    assert.deepEqual(found, ['pending', 'pending'])
  })

  it('takes everything back where the workflow cannot be started, and keeps the cause', async () => {
    const cause = new Error('away')
    const desk = openDesk({ start: () => Promise.reject(cause) })
    for (const job of [mail, keyed()])
      await assert.rejects(
        desk.submit(job),
        (error: unknown) => error instanceof JobNotAcceptedError && error.cause === cause,
      )
    assert.deepEqual(await countRows(database), { jobs: 0, keys: 0 })
  })

  it('refuses one key for two contents', async () => {
    const desk = openDesk()
    await desk.submit(keyed('b'))
    await assert.rejects(desk.submit(keyed('other')), IdempotencyConflictError)
    assert.deepEqual(await countRows(database), { jobs: 1, keys: 1 })
  })

  it('does not start a job again that is on its way or over', async () => {
    const desk = openDesk()
    const id = await desk.submit(keyed())
    await recordEnd(database.db, id, { status: 'completed' })
    assert.equal(await desk.submit(keyed()), id)
    assert.deepEqual(runner.started, [id])
  })

  it('refuses a second caller where the first took the job back meanwhile', async () => {
    let calls = 0
    const desk = openDesk({
      start: async () => {
        // The second caller's own start succeeds, but by then the first has taken everything back.
        if (++calls === 2) {
          await database.db.deleteFrom('idempotency_keys').execute()
          await database.db.deleteFrom('jobs').execute()
        }
      },
    })
    await desk.submit(keyed())
    await assert.rejects(desk.submit(keyed()), JobNotAcceptedError)
    assert.deepEqual(await countRows(database), { jobs: 0, keys: 0 })
  })

  it('ends a cancelled job in its row, then tells the workflow', async () => {
    const desk = openDesk()
    const id = await desk.submit(mail)
    await desk.cancel(id)
    const row = await findJob(database.db, id)
    assert.deepEqual([row?.status, row?.error, row?.step], ['failed', 'cancelled', 'stopped'])
    await desk.cancel(id)
    assert.deepEqual(runner.cancelled, [id])
  })

  it('cancels nothing that is over', async () => {
    const desk = openDesk()
    const id = await desk.submit(mail)
    await recordEnd(database.db, id, { status: 'completed' })
    await desk.cancel(id)
    assert.equal((await findJob(database.db, id))?.status, 'completed')
    assert.deepEqual(runner.cancelled, [])
  })

  it('cancels and removes though the workflow cannot be told, and says so', async () => {
    const error = new Error('away')
    const desk = openDesk({ cancel: () => Promise.reject(error) })
    const cancelled = await desk.submit(mail)
    await desk.cancel(cancelled)
    const removed = await desk.submit(mail)
    assert.equal(await desk.remove(removed), true)
    assert.deepEqual(unheard, [error, error])
    assert.equal((await findJob(database.db, cancelled))?.status, 'failed')
    assert.equal(await findJob(database.db, removed), undefined)
  })

  it('removes a job once', async () => {
    const desk = openDesk()
    const id = await desk.submit(mail)
    assert.equal(await desk.remove(id), true)
    assert.equal(await desk.remove(id), false)
  })
})
