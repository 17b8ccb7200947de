import assert from 'node:assert/strict'
import type { OpenDatabase } from '../../db/database.js'
import {
  addModel,
  findCurrentModel,
  findModel,
  findModelBytes,
  listModels,
  modelsChannel,
  ModelVersionTakenError,
  promoteModel,
  recordModelProblem,
  rollbackModel,
} from '../../db/models.js'
import { openNotifications } from '../../db/notifications.js'
import { openTestDatabase } from '../support/database.js'
import { waitUntil } from '../support/wait-until.js'

describe('models', () => {
  let database: OpenDatabase
  const promotedBy = 'account:7'
  const hasDefault = (task: string) => task === 'email'

  beforeEach(async () => {
    database = await openTestDatabase()
  })

  const add = (version: string, task = 'email') =>
    addModel(database.db, {
      task,
      version,
      card: { task, version, labels: ['a', 'b'] },
      bytes: Buffer.from(`${task} ${version}`),
    })
  const promote = (id: number) => promoteModel(database.db, { id, promotedBy })
  const rollback = (id: number) => rollbackModel(database.db, { id, promotedBy }, hasDefault)
  const current = async (task = 'email') => (await findCurrentModel(database.db, task))?.id ?? null
  const listPromotions = () =>
    database.db
      .selectFrom('model_promotions')
      .select(['task', 'model_id', 'kind', 'promoted_by'])
      .orderBy('id')
      .execute()

  it('are stored once for each task and version, and found by their id', async () => {
    const id = await add('1')
    assert.equal(await add('1'), id)
    assert.notEqual(await add('1', 'texts'), id)
    assert.deepEqual(await findModelBytes(database.db, id), Buffer.from('email 1'))
    const { created_at: createdAt, ...row } = (await findModel(database.db, id))!
    assert.ok(createdAt instanceof Date)
    assert.deepEqual(row, {
      id,
      task: 'email',
      version: '1',
      card: { task: 'email', version: '1', labels: ['a', 'b'] },
      problem: null,
    })
    assert.equal(await findModel(database.db, id + 100), undefined)
    assert.equal(await findModelBytes(database.db, id + 100), undefined)
    const other = { task: 'email', version: '1', card: {}, bytes: Buffer.from('other') }
    await assert.rejects(addModel(database.db, other), ModelVersionTakenError)
  })

  it('are listed in the order of their making, without their bytes', async () => {
    const ids = [await add('1'), await add('2')]
    const rows = await listModels(database.db)
    assert.deepEqual(
      rows.map(({ id }) => id),
      ids,
    )
    assert.ok(rows.every((row) => !('bytes' in row)))
  })

  it('are current for their own task once promoted', async () => {
    const [first, second, text] = [await add('1'), await add('2'), await add('1', 'texts')]
    assert.equal(await current(), null)
    assert.equal(await promote(first), true)
    assert.equal(await promote(text), true)
    assert.deepEqual(await findCurrentModel(database.db, 'email'), { id: first, version: '1' })
    assert.equal(await promote(second), true)
    assert.equal(await promote(second), true)
    assert.deepEqual([await current(), await current('texts')], [second, text])
    assert.equal(await promote(text + 100), false)
    assert.deepEqual(
      (await listPromotions()).map(({ model_id: id }) => id),
      [first, text, second],
    )
  })

  it('go back to what was current before, step by step to the default', async () => {
    const [first, second] = [await add('1'), await add('2')]
    await promote(first)
    await promote(second)
    assert.equal(await rollback(first), 'not_current')
    assert.deepEqual(await rollback(second), { task: 'email', current: first })
    assert.equal(await current(), first)
    assert.equal(await rollback(second), 'not_current')
    assert.deepEqual(await rollback(first), { task: 'email', current: null })
    assert.equal(await current(), null)
    assert.equal(await rollback(first), 'not_current')
    assert.equal(await rollback(first + 100), 'missing')
    await promote(second)
    assert.equal(await current(), second)
    const [row] = (await listPromotions()).slice(-2)
    assert.deepEqual(row, {
      task: 'email',
      model_id: null,
      kind: 'rollback',
      promoted_by: promotedBy,
    })
  })

  it('stay current where nothing came before and nothing ships', async () => {
    const id = await add('1', 'texts')
    await promote(id)
    assert.equal(await rollback(id), 'nothing_before')
    assert.equal(await current('texts'), id)
  })

  it('are told of in the transaction that promotes them', async () => {
    const told: string[] = []
    const notifications = await openNotifications(database, [modelsChannel], {
      onNotification: (payload) => told.push(payload),
      onListening: () => undefined,
      onError: () => undefined,
    })
    const id = await add('1')
    await promote(id)
    await promote(id)
    await rollback(id)
    await waitUntil('both were told', () => told.length >= 2)
    await notifications.close()
    assert.deepEqual(told, ['{"task":"email"}', '{"task":"email"}'])
  })

  it('promoted at once end as one of the two, and both are written down', async () => {
    const ids = [await add('1'), await add('2')]
    await Promise.all(ids.map(promote))
    const rows = await listPromotions()
    assert.equal(rows.length, 2)
    assert.equal(await current(), rows.at(-1)?.model_id)
  })

  it('keep the problem that was last met in loading them', async () => {
    const id = await add('1')
    await recordModelProblem(database.db, id, 'damaged')
    assert.equal((await findModel(database.db, id))?.problem, 'damaged')
    await recordModelProblem(database.db, id, null)
    assert.equal((await findModel(database.db, id))?.problem, null)
  })
})
