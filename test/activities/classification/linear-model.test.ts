import assert from 'node:assert/strict'
import {
  createScorer,
  quantise,
  weightOf,
} from '../../../activities/classification/linear-model.js'

const rows = 3
const dimensions = 2
const vector = {
  rows: Int32Array.of(0, 2),
  values: Float32Array.of(0.5, 2),
  familiarity: 1,
}
const dense = Float32Array.of(1, -0.5)

/** Weights that look like chance: of each row and dimension one for each label. */
function createHead(count: number) {
  const labels = Array.from({ length: count }, (_, label) => `label ${label}`)
  const weights = Float32Array.from({ length: (rows + dimensions) * count }, (_, at) =>
    Math.sin(7 * at + 1),
  )
  return quantise(labels, { weights, biases: Float64Array.from(labels, (_, at) => at / 10) }, rows)
}

describe('createScorer', () => {
  for (const count of [2, 3, 4, 5, 17])
    it(`should sum up rows and dimensions for each of ${count} labels`, () => {
      const head = createHead(count)
      const expected = head.labels.map((_, label) => {
        const sparse = 0.5 * weightOf(head, 0, label) + 2 * weightOf(head, 2, label)
        const full = head.denseWeights[label]! - 0.5 * head.denseWeights[count + label]!
        return head.biases[label]! + sparse + full
      })
      const scores = createScorer(head)(vector, dense)
      assert.equal(scores.length, count)
      scores.forEach((score, label) => assert.ok(Math.abs(score - expected[label]!) < 1e-5))
    })

  it('should give the biases for a text of which nothing is known', () => {
    const nothing = { rows: new Int32Array(0), values: new Float32Array(0), familiarity: 0 }
    const scores = createScorer(createHead(5))(nothing, new Float32Array(0))
    assert.deepEqual([...scores], [0, 0.1, 0.2, 0.3, 0.4])
  })
})
