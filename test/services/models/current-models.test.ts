import assert from 'node:assert/strict'
import { pino } from 'pino'
import { type CurrentModels, openCurrentModels } from '../../../services/models/current-models.js'
import { createModelSlot, type ModelSlot } from '../../../services/models/model-slot.js'
import type { OpenDatabase } from '../../../db/database.js'
import { findModel, listModels, promoteModel, rollbackModel } from '../../../db/models.js'
import { openTestDatabase } from '../../support/database.js'
import { addTestModel, decodeTestModel } from '../../support/models.js'
import { waitUntil } from '../../support/wait-until.js'

describe('CurrentModels', () => {
  let database: OpenDatabase
  let opened: CurrentModels[]
  let logLines: { msg: string; level: number }[]
  const promotedBy = 'local'
  const log = pino(
    { level: 'trace' },
    {
      write: (line: string) => void logLines.push(JSON.parse(line) as (typeof logLines)[number]),
    },
  )

  beforeEach(async () => {
    database = await openTestDatabase()
    opened = []
    logLines = []
  })
  afterEach(() => Promise.all(opened.map((models) => models.close())))

  /** As one process has it. */
  const open = async (options: { rereadMs?: number; from?: typeof database } = {}) => {
    const { rereadMs, from = database } = options
    const shipped = { version: 'shipped', bytes: Buffer.from('shipped'), value: 'shipped' }
    const email = createModelSlot({ task: 'email', shipped, decode: decodeTestModel })
    const texts = createModelSlot({ task: 'texts', shipped: undefined, decode: decodeTestModel })
    const slots = [email, texts]
    const timing = rereadMs === undefined ? {} : { rereadMs }
    opened.push(await openCurrentModels({ database: from, log, slots, ...timing }))
    return { email, texts }
  }
  const promote = async (version: string, task: 'email' | 'texts' = 'email') => {
    const id = await addTestModel(database.db, version, task)
    assert.ok(await promoteModel(database.db, { id, promotedBy }))
    return id
  }
  const rollback = (id: number) => rollbackModel(database.db, { id, promotedBy }, () => true)
  const uses = (slot: ModelSlot<string>, version: string) =>
    waitUntil(`${version} is in use`, () => slot.current()?.value === version)
  const refusals = () => logLines.filter(({ level }) => level === 50).map(({ msg }) => msg)

  it('are what ships while nothing was promoted, or nothing at all', async () => {
    const { email, texts } = await open()
    assert.equal(email.current()?.value, 'shipped')
    assert.equal(email.current()?.id, null)
    assert.equal(texts.current(), undefined)
  })

  it('are what was promoted before the process began', async () => {
    const id = await promote('e1')
    const { email } = await open()
    const { value, bytes, ...rest } = email.current()!
    assert.deepEqual([value, bytes.toString()], ['e1', 'e1'])
    assert.deepEqual(rest, { id, version: 'e1' })
  })

  it('change in two processes within seconds, each task by itself', async () => {
    const processes = [await open(), await open()]
    const first = await promote('e1')
    for (const { email } of processes) await uses(email, 'e1')
    await promote('t1', 'texts')
    for (const { texts } of processes) await uses(texts, 't1')
    const second = await promote('e2')
    for (const { email } of processes) await uses(email, 'e2')
    await rollback(second)
    for (const { email } of processes) await uses(email, 'e1')
    await rollback(first)
    for (const { email, texts } of processes) {
      await uses(email, 'shipped')
      assert.equal(texts.current()?.value, 't1')
    }
  })

  it('stay the last good ones where a model is damaged, which is said once and shown', async () => {
    await promote('e1')
    const processes = [await open({ rereadMs: 10 }), await open({ rereadMs: 10 })]
    const id = await promote('damaged-2')
    await waitUntil('both have refused it', () => refusals().length === 2)
    assert.deepEqual(refusals(), [
      ...Array.from(
        { length: 2 },
        () =>
          `The model email damaged-2 (model ${id}) is refused: email damaged-2 (model ${id}): damaged; train again. e1 stays in use.`,
      ),
    ])
    const problem = async () => (await findModel(database.db, id))?.problem
    await waitUntil('it is shown', async () => (await problem()) !== null)
    assert.equal(await problem(), `email damaged-2 (model ${id}): damaged; train again`)
    await promote('t1', 'texts')
    for (const { texts } of processes) await uses(texts, 't1')
    for (const { email } of processes) assert.equal(email.current()?.value, 'e1')
    assert.equal(refusals().length, 2)
    await rollback(id)
    await promote('e3')
    for (const { email } of processes) await uses(email, 'e3')
    assert.deepEqual(
      (await listModels(database.db)).filter((model) => model.problem !== null).length,
      1,
    )
  })

  it('are read again where the notification was lost', async () => {
    const { email } = await open({ rereadMs: 20 })
    const id = await addTestModel(database.db, 'e1')
    const row = { task: 'email', model_id: id, kind: 'promote', promoted_by: 'nobody' } as const
    await database.db.insertInto('model_promotions').values(row).execute()
    await uses(email, 'e1')
  })

  it('stay as they are while the database is away, and follow when it is back', async () => {
    let away = true
    const db = new Proxy(database.db, {
      get: (target, name) => {
        if (away && name === 'selectFrom') throw new Error('connect ECONNREFUSED')
        const value = Reflect.get(target, name, target) as unknown
        return typeof value === 'function' ? (value.bind(target) as unknown) : value
      },
    })
    await promote('e1')
    const { email } = await open({ rereadMs: 20, from: { ...database, db } })
    assert.equal(email.current()?.value, 'shipped')
    away = false
    await uses(email, 'e1')
    assert.ok(logLines.some(({ level }) => level === 40))
  })
})
