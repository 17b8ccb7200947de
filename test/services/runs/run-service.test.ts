import assert from 'node:assert/strict'
import {
  createRunService,
  IdempotencyConflictError,
  OverloadedError,
  type RunService,
  RunNotAcceptedError,
  type NewRun,
} from '../../../services/runs/run-service.js'
import { classificationRuns } from '../../../services/email-classification/classification-runs.js'
import { createFindRunKind } from '../../../services/runs/run-kind.js'
import type { WorkflowRunner } from '../../../services/runs/workflow-runner.js'
import type { OpenDatabase } from '../../../db/database.js'
import { classificationKind, insertClassification } from '../../../db/classifications.js'
import { recordEnd } from '../../../db/run-progress.js'
import { findRun } from '../../../db/runs.js'
import { classificationPlace } from '../../../db/seal-places.js'
import { createKeyRing } from '../../../db/key-ring.js'
import { countRows } from '../../api/support/count-rows.js'
import {
  createFakeWorkflowRunner,
  type FakeWorkflowRunner,
} from '../../api/support/fake-workflow-runner.js'
import { testKeys } from '../../support/config.js'
import { openTestDatabase } from '../../support/database.js'
import { putBehindGate } from '../../support/gated-database.js'

const keys = createKeyRing([testKeys.ENC_KEY])
const mail: NewRun = {
  kind: classificationKind,
  idempotencyKey: undefined,
  store: (db, id) =>
    insertClassification(db, {
      id,
      source: 'text',
      content: keys.seal(Buffer.from('Bom dia'), classificationPlace('content', id)),
    }),
}
const keyed = (bodyHash = 'b'): NewRun => ({
  ...mail,
  idempotencyKey: { scope: 's', keyHash: 'k', bodyHash },
})

describe('the run service', () => {
  let database: OpenDatabase
  let runner: FakeWorkflowRunner
  let unheard: unknown[]
  let withdrawn: string[]
  let hasRoom: boolean
  const openService = (
    behaviour: Partial<Pick<WorkflowRunner, 'start' | 'cancel'>> = {},
  ): RunService => {
    runner = createFakeWorkflowRunner(behaviour)
    const onUnheardCancel = (error: unknown) => void unheard.push(error)
    const findKind = createFindRunKind([classificationRuns])
    return createRunService({
      db: database.db,
      findKind,
      runner,
      onUnheardCancel,
      backlog: { enter: () => Promise.resolve(hasRoom ? () => undefined : undefined) },
      withdrawals: { add: ({ id }) => void withdrawn.push(id) },
    })
  }
  beforeEach(async () => {
    database = await openTestDatabase()
    unheard = []
    withdrawn = []
    hasRoom = true
  })

  it('writes the row before it starts the workflow', async () => {
    const found: unknown[] = []
    const service = openService({
      start: async ({ id }) => void found.push((await findRun(database.db, id))?.status),
    })
    await service.submit(mail)
    await service.submit(keyed())
    assert.deepEqual(found, ['pending', 'pending'])
  })

  it('takes everything back where the workflow cannot be started, and keeps the cause', async () => {
    const cause = new Error('away')
    const service = openService({ start: () => Promise.reject(cause) })
    for (const run of [mail, keyed()])
      await assert.rejects(
        service.submit(run),
        (error: unknown) => error instanceof RunNotAcceptedError && error.cause === cause,
      )
    assert.deepEqual(await countRows(database), { runs: 0, keys: 0 })
  })

  it('says that a run is accepted whose start timed out and yet came to pass', async () => {
    const service = openService({
      start: async ({ id }) => {
        await database.db
          .updateTable('runs')
          .set({ status: 'running' })
          .where('id', '=', id)
          .execute()
        throw new Error('4 DEADLINE_EXCEEDED')
      },
    })
    const [plain, withKey] = [await service.submit(mail), await service.submit(keyed())]
    for (const id of [plain, withKey])
      assert.equal((await findRun(database.db, id))?.status, 'running')
    assert.equal(await service.submit(keyed()), withKey)
  })

  it('withdraws what a database that did not answer in time may carry out yet', async () => {
    const service = openService()
    const late = (): Promise<void> => Promise.reject(new Error('Query read timeout'))
    await assert.rejects(service.submit({ ...mail, store: late }), /read timeout/)
    await assert.rejects(service.submit({ ...keyed(), store: late }), /read timeout/)
    assert.equal(withdrawn.length, 2)
    const wrong = (): Promise<void> => Promise.reject(new Error('no such column'))
    await assert.rejects(service.submit({ ...mail, store: wrong }), /no such column/)
    assert.equal(withdrawn.length, 2)
  })

  it('withdraws a run that could be neither started nor taken back', async () => {
    const gated = putBehindGate(database)
    database = gated
    const service = openService({
      start: () => {
        gated.shut()
        return Promise.reject(new Error('14 UNAVAILABLE'))
      },
    })
    await assert.rejects(service.submit(mail), { code: 'ECONNREFUSED' })
    gated.open()
    assert.equal((await findRun(database.db, withdrawn[0] ?? ''))?.status, 'pending')
  })

  it('takes nothing on while too much is under way', async () => {
    const service = openService()
    hasRoom = false
    for (const run of [mail, keyed()]) await assert.rejects(service.submit(run), OverloadedError)
    assert.deepEqual(await countRows(database), { runs: 0, keys: 0 })
  })

  it('tells what it has taken on again, however much is under way', async () => {
    const service = openService()
    const id = await service.submit(keyed())
    hasRoom = false
    assert.equal(await service.submit(keyed()), id)
    await assert.rejects(service.submit(keyed('other')), IdempotencyConflictError)
    assert.deepEqual(await countRows(database), { runs: 1, keys: 1 })
  })

  it('refuses one key for two contents', async () => {
    const service = openService()
    await service.submit(keyed('b'))
    await assert.rejects(service.submit(keyed('other')), IdempotencyConflictError)
    assert.deepEqual(await countRows(database), { runs: 1, keys: 1 })
  })

  it('does not start a run again that is on its way or over', async () => {
    const service = openService()
    const id = await service.submit(keyed())
    await recordEnd(database.db, id, { status: 'completed' })
    assert.equal(await service.submit(keyed()), id)
    assert.deepEqual(runner.started, [id])
  })

  it('refuses a second caller where the first took the run back meanwhile', async () => {
    let calls = 0
    const service = openService({
      start: async () => {
        // The second caller's own start succeeds, but by then the first has taken everything back.
        if (++calls === 2) {
          await database.db.deleteFrom('idempotency_keys').execute()
          await database.db.deleteFrom('runs').execute()
        }
      },
    })
    await service.submit(keyed())
    await assert.rejects(service.submit(keyed()), RunNotAcceptedError)
    assert.deepEqual(await countRows(database), { runs: 0, keys: 0 })
  })

  it('ends a cancelled run in its row, then tells the workflow', async () => {
    const service = openService()
    const id = await service.submit(mail)
    await service.cancel(id)
    const row = await findRun(database.db, id)
    assert.deepEqual([row?.status, row?.error, row?.step], ['failed', 'cancelled', 'stopped'])
    await service.cancel(id)
    assert.deepEqual(runner.cancelled, [id])
  })

  it('cancels nothing that is over', async () => {
    const service = openService()
    const id = await service.submit(mail)
    await recordEnd(database.db, id, { status: 'completed' })
    await service.cancel(id)
    assert.equal((await findRun(database.db, id))?.status, 'completed')
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
    assert.equal((await findRun(database.db, cancelled))?.status, 'failed')
    assert.equal(await findRun(database.db, removed), undefined)
  })

  it('removes a run once', async () => {
    const service = openService()
    const id = await service.submit(mail)
    assert.equal(await service.remove(id), true)
    assert.equal(await service.remove(id), false)
  })
})
