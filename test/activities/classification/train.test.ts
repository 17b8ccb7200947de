import assert from 'node:assert/strict'
import { minimise } from '../../../activities/classification/lbfgs.js'
import { train } from '../../../activities/classification/train.js'

const vector = (...rows: number[]) => ({
  rows: Int32Array.from(rows),
  values: Float32Array.from(rows, () => 1 / Math.sqrt(rows.length)),
  familiarity: 1,
})

describe('minimise', () => {
  it('should find the minimum of an ill-conditioned bowl', () => {
    const bend = [1, 10, 100]
    const goal = [3, -2, 0.5]
    const point = minimise(
      (at, gradient) => {
        bend.forEach((factor, index) => {
          gradient[index] = factor * (at[index]! - goal[index]!)
        })
        return bend.reduce((sum, factor, i) => sum + (factor / 2) * (at[i]! - goal[i]!) ** 2, 0)
      },
      new Float64Array(3),
      { iterations: 100, tolerance: 1e-9 },
    )
    goal.forEach((value, index) => assert.ok(Math.abs(point[index]! - value) < 1e-6))
  })
})

describe('train', () => {
  const set = {
    vectors: [vector(0, 2), vector(0), vector(0, 3), vector(1, 2)],
    targets: [0, 0, 0, 1],
    labels: 2,
    rows: 4,
  }
  const options = { penalty: 1e-2, iterations: 100 }

  it('should give the label of a word that word, and nothing to one that both have', () => {
    const { weights } = train(set, options)
    assert.ok(weights[0]! > 0.5 && weights[1]! < -0.5)
    assert.ok(weights[3]! > 0.5)
  })

  it('should end where the gradient is zero: weights of the labels cancel out', () => {
    const { weights } = train(set, options)
    for (let row = 0; row < 4; row++) {
      assert.ok(Math.abs(weights[row * 2]! + weights[row * 2 + 1]!) < 1e-3)
    }
  })

  it('should count a rare label as much as a common one', () => {
    const { biases } = train({ ...set, vectors: set.vectors.map(() => vector()) }, options)
    assert.ok(Math.abs(biases[0]! - biases[1]!) < 1e-3)
  })

  it('should shrink the weights under a stronger penalty', () => {
    const size = (penalty: number) =>
      train(set, { ...options, penalty }).weights.reduce((sum, weight) => sum + weight ** 2, 0)
    assert.ok(size(1) < size(1e-2))
  })
})
