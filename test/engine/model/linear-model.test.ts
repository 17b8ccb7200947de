import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import loadWabt from 'wabt'
import { createScorer, type Head, quantise } from '../../../engine/model/linear-model.js'
import { compiled } from '../../../engine/model/scoring-kernel.js'
import { packageRoot } from '../../../config/package.js'

const rows = 3
const dimensions = 2
const vector = {
  rows: Int32Array.of(0, 2),
  values: Float32Array.of(0.5, 2),
  familiarity: 1,
}
const dense = Float32Array.of(1, -0.5)
const noDense = new Float32Array(0)

/** Weights that look like chance: of each row and dimension one for each label. */
function createHead(count: number) {
  const labels = Array.from({ length: count }, (_, label) => `label ${label}`)
  const weights = Float32Array.from({ length: (rows + dimensions) * count }, (_, at) =>
    Math.sin(7 * at + 1),
  )
  return quantise(labels, { weights, biases: Float64Array.from(labels, (_, at) => at / 10) }, rows)
}

/** Of a row for a label, in its true size. */
const weightOf = ({ labels, weights, scales }: Head, row: number, label: number) =>
  weights[row * labels.length + label]! * scales[label]!

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

  it('should sum up the last row where the memory ends with it', () => {
    // Two labels, no dimensions: 65,536 bytes less those of the sums, rows and values before.
    const many = (65_536 - 4 * (8 + 1024 + 1024)) / 2
    const weights = Int8Array.from({ length: 2 * many }, (_, at) => at % 100)
    const labels = ['a', 'b']
    const head = { labels, biases: [0, 0], scales: [1, 1], weights, denseWeights: noDense }
    const last = { rows: Int32Array.of(many - 1), values: Float32Array.of(2), familiarity: 1 }
    assert.deepEqual(
      [...createScorer(head)(last, noDense)],
      [2 * weights.at(-2)!, 2 * weights.at(-1)!],
    )
  })

  it('should sum up a text of thousands of features', () => {
    const head = createHead(3)
    const thousands = {
      rows: Int32Array.from({ length: 5000 }, (_, at) => at % rows),
      values: Float32Array.from({ length: 5000 }, (_, at) => 1 / (1 + (at % 7))),
      familiarity: 1,
    }
    const expected = head.labels.map((_, label) =>
      thousands.rows.reduce(
        (sum, row, at) => sum + thousands.values[at]! * weightOf(head, row, label),
        head.biases[label]!,
      ),
    )
    createScorer(head)(thousands, new Float32Array(0)).forEach((score, label) => {
      assert.ok(Math.abs(score - expected[label]!) < 1e-2, `${score}, ${expected[label]!}`)
    })
  })

  it('should refuse an embedding of other dimensions than it has weights for', () => {
    const score = createScorer(createHead(3))
    assert.throws(() => score(vector, new Float32Array(5)), /5 dimensions, but weights for 2/)
  })

  it('should run scoring-kernel.wat as it is', async () => {
    const path = join(packageRoot, 'engine', 'model', 'scoring-kernel.wat')
    const wabt = await loadWabt()
    const source = wabt.parseWat(path, await readFile(path), { simd: true })
    const { buffer } = source.toBinary({})
    const expected = Buffer.from(buffer).toString('base64')
    assert.equal(compiled.toString('base64'), expected, 'scoring-kernel.ts: write what is expected')
  })
})
