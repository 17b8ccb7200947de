import assert from 'node:assert/strict'
import type { LabelledSample } from '../../../engine/samples.js'
import type { Task } from '../../../engine/tasks.js'
import { createModelPool, type ModelPool } from '../../../engine/pool/model-pool.js'
import { wordsByMeaning } from '../../support/models.js'

const words = {
  comida: ['pizza', 'almoço', 'padaria', 'lanche', 'sopa', 'feijoada'],
  viagem: ['hotel', 'passagem', 'voo', 'mala', 'avião', 'hostel'],
}
const samples = Object.entries(words).flatMap(([label, nouns]) =>
  nouns.flatMap((noun) =>
    ['hoje', 'ontem', 'de novo'].map((when) => ({ text: `${noun} ${when}`, label })),
  ),
)

describe('the engine in the pool', function () {
  this.timeout(60_000)
  let pool: ModelPool
  before(() => {
    pool = createModelPool({ threads: 1 })
  })
  after(() => pool.close())

  const learn = (task: Task, learned: readonly LabelledSample[] = samples) =>
    pool.learn({ task, samples: learned, made: '2026-01-02', sources: [] })

  it('learns a model and judges by it, with the embedding where that helps', async () => {
    for (const learned of [samples, wordsByMeaning]) {
      const { bytes, card, heldOut } = await learn('texts', learned)
      const labels = new Set(learned.map(({ label }) => label))
      assert.deepEqual(card.labels.toSorted(), [...labels].toSorted())
      assert.equal(card.embedding === null, learned === samples)
      assert.equal(heldOut.length, learned.length)
      const model = { name: 'texts 1', bytes }
      assert.deepEqual(await pool.readCard(model), card)
      const judged = await pool.predict(model, learned)
      assert.deepEqual(
        judged.map((one) => one?.label),
        learned.map(({ label }) => label),
      )
    }
  })

  it('gives the same bytes for the same samples', async () => {
    const [one, two] = [await learn('transactions'), await learn('transactions')]
    assert.ok(one.bytes.equals(two.bytes))
  })

  it('cross-validates', async () => {
    const rows = await pool.crossValidate({ task: 'texts', samples, folds: 3 })
    assert.deepEqual(
      rows.map(({ truth }) => truth),
      samples.map(({ label }) => label),
    )
  })

  it('says in a sentence why nothing can be learned, or a model not be read', async () => {
    const one = samples.filter(({ label }) => label === 'comida')
    await assert.rejects(
      pool.learn({ task: 'texts', samples: one, made: '2026-01-02', sources: [] }),
      { name: 'Error' },
    )
    const { bytes } = await learn('texts')
    const damaged = Buffer.from(bytes)
    damaged[damaged.length - 40] = 255 - (damaged[damaged.length - 40] ?? 0)
    const later = Buffer.from(bytes)
    later.writeUInt32LE(99, 8)
    await assert.rejects(
      pool.readCard({ name: 'texts 7', bytes: damaged }),
      /^ModelFileError: texts 7: damaged/,
    )
    await assert.rejects(
      pool.readCard({ name: 'texts 8', bytes: later }),
      /^ModelFileError: texts 8: version 99/,
    )
    const none = { name: 'texts 9', bytes: Buffer.from('no model') }
    await assert.rejects(pool.readCard(none), /^ModelFileError: texts 9: not a model file/)
  })
})
