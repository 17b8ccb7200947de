import assert from 'node:assert/strict'
import { pino } from 'pino'
import { decodeModelFile, encodeModel } from '../../../engine/model/model-file.js'
import { createModelPool, type ModelPool } from '../../../engine/pool/model-pool.js'
import { loadShippedModels, modelsFolder } from '../../../services/models/shipped-models.js'
import {
  checkTaskModel,
  loadTaskModels,
  type TaskModels,
} from '../../../services/models/task-models.js'
import type { Db } from '../../../db/database.js'
import { addModel, promoteModel } from '../../../db/models.js'
import { openTestDatabase } from '../../support/database.js'

describe('TaskModels', function () {
  this.timeout(60_000)
  const log = pino({ level: 'silent' })
  let pool: ModelPool
  let db: Db
  let models: TaskModels

  before(() => {
    pool = createModelPool({ threads: 1 })
  })
  after(() => pool.close())
  beforeEach(async () => {
    ;({ db } = await openTestDatabase())
    models = await loadTaskModels(modelsFolder, pool)
  })

  /** The mail model that ships, as another version. */
  const reship = async (version: string) => {
    const [shipped] = await loadShippedModels(modelsFolder)
    const model = decodeModelFile('email', shipped!.bytes)
    return encodeModel({ ...model, card: { ...model.card, version } })
  }
  const promote = async (task: string, version: string, bytes: Buffer) => {
    const id = await addModel(db, { task, version, card: {}, bytes })
    await promoteModel(db, { id, promotedBy: 'local' })
    for (const slot of models.slots) await slot.refresh(db, log)
  }

  it('are what ships, for mail alone, until others are promoted', async () => {
    const { modelVersion } = models.email()
    assert.match(modelVersion, /^email-/)
    assert.equal(models.find('email')?.version, modelVersion)
    assert.equal(models.find('texts'), undefined)
    await promote('email', 'mail-next', await reship('mail-next'))
    const { category, modelVersion: judge } = models.email().classify('Onde está meu pedido?', 'pt')
    assert.deepEqual([category, judge], ['Produtivo', 'mail-next'])
    assert.equal(models.find('email')?.version, 'mail-next')
  })

  it('refuse what is made for another task', async () => {
    await promote('texts', 'mail-next', await reship('mail-next'))
    assert.equal(models.find('texts'), undefined)
    const check = checkTaskModel('texts', { name: 'it', bytes: await reship('mail-next') }, pool)
    await assert.rejects(check, /^Error: it: made for email/)
  })

  it('refuse what is damaged, and keep what is good', async () => {
    const damaged = await reship('mail-next')
    // Changed whatever stands there: most weights are zero.
    damaged[damaged.length - 100] = damaged[damaged.length - 100]! ^ 1
    await promote('email', 'mail-next', damaged)
    assert.match(models.email().modelVersion, /^email-/)
    const check = checkTaskModel('email', { name: 'it', bytes: damaged }, pool)
    await assert.rejects(check, /^ModelFileError: it: damaged/)
  })

  it('take texts and transactions that were learned', async () => {
    const samples = ['a b c', 'a b d', 'x y z', 'x y w'].flatMap((text, at) =>
      [1, 2, 3].map((time) => ({ text: `${text} ${time}`, label: at < 2 ? 'first' : 'second' })),
    )
    const input = { task: 'texts' as const, samples, made: '2026-01-02', sources: [] }
    const { bytes, card } = await pool.learn(input)
    await promote('texts', card.version, bytes)
    assert.equal(models.find('texts')?.version, card.version)
  })
})
