import assert from 'node:assert/strict'
import { type ModelStore, openModelStore } from '../../../services/models/model-store.js'
import type { Db } from '../../../db/database.js'
import { openTestDatabase } from '../../support/database.js'
import { testCard } from '../../support/models.js'

describe('ModelStore', () => {
  let db: Db
  let store: ModelStore
  beforeEach(async () => {
    ;({ db } = await openTestDatabase())
    store = openModelStore(db)
  })

  const bytes = Buffer.from('model')
  const add = () =>
    store.add({ task: 'texts', version: 'v1', card: testCard('v1', 'texts'), bytes })

  it('adds a model once and finds it', async () => {
    const { id } = await add()
    assert.deepEqual(await add(), { id })
    assert.deepEqual(await store.find(id), { task: 'texts', bytes })
    assert.equal(await store.find(id + 1), undefined)
  })

  it('knows what is current of each task', async () => {
    const { id } = await add()
    assert.equal(await store.current('texts'), undefined)
    await store.promote(id)
    assert.deepEqual(await store.current('texts'), { id, version: 'v1', bytes })
    assert.equal(await store.current('email'), undefined)
    await assert.rejects(store.promote(id + 1), /There is no model/)
    const [row] = await db.selectFrom('model_promotions').selectAll().execute()
    assert.equal(row?.promoted_by, 'local')
  })
})
