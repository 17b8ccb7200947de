import assert from 'node:assert/strict'
import { trainSvm, type TrainingMatrix } from '../../../engine/learning/svm.js'

/** Each vector is given by the columns in which it has a 1. */
function toMatrix(vectors: readonly (readonly number[])[], columns: number): TrainingMatrix {
  const starts = new Int32Array(vectors.length + 1)
  vectors.forEach((vector, at) => (starts[at + 1] = starts[at]! + vector.length))
  const indices = Int32Array.from(vectors.flat())
  const values = Float32Array.from(indices, () => 1)
  const dense = new Float32Array(0)
  return { vectors: vectors.length, columns, starts, indices, values, denseColumns: 0, dense }
}

const matrix = toMatrix([[0, 3], [0], [1, 3], [1], [2, 3], [2]], 4)
const targets = Int32Array.of(0, 0, 1, 1, 2, 2)
const options = { cost: 1, isBalanced: false, seed: 1 }

describe('trainSvm', () => {
  it('should give each label the column that is its own, and no label the one that all share', () => {
    const { weights } = trainSvm(matrix, targets, 3, options)
    for (const label of [0, 1, 2]) {
      for (const column of [0, 1, 2])
        assert.equal(weights[column * 3 + label]! > 0, column === label, `${column} ${label}`)
      assert.ok(Math.abs(weights[3 * 3 + label]!) < Math.abs(weights[label * 3 + label]!) / 2)
    }
  })

  it('should meet the optimality condition of the squared hinge loss', () => {
    // One column, one vector of each sign: the weight w minimises w²/2 + 2 C max(0, 1 - w)².
    const two = toMatrix([[0], [1]], 2)
    const { weights } = trainSvm(two, Int32Array.of(0, 1), 2, { ...options, cost: 8 })
    const gap = weights[0]! - weights[2]!
    assert.ok(gap > 0 && gap < 2)
    assert.ok(Math.abs(weights[0]! + weights[1]!) < 1e-6, 'two labels mirror each other')
  })

  it('should give the same weights to the bit for the same seed', () => {
    assert.deepEqual(trainSvm(matrix, targets, 3, options), trainSvm(matrix, targets, 3, options))
  })

  it('should learn from the dense part alike', () => {
    const empty = toMatrix([[], [], [], []], 0)
    const dense = Float32Array.of(1, 0, 1, 0.1, 0, 1, 0.1, 1)
    const { weights } = trainSvm(
      { ...empty, denseColumns: 2, dense },
      Int32Array.of(0, 0, 1, 1),
      2,
      options,
    )
    assert.ok(weights[0]! > 0 && weights[1]! < 0)
    assert.ok(weights[2]! < 0 && weights[3]! > 0)
  })

  it('should let a rare label count as much as a common one where that is asked for', () => {
    const vectors = [[0], ...Array.from({ length: 9 }, () => [])]
    const rare = Int32Array.from(vectors, (_, at) => (at === 0 ? 0 : 1))
    const biasOf = (isBalanced: boolean) =>
      trainSvm(toMatrix(vectors, 1), rare, 2, { ...options, isBalanced }).biases[0]!
    assert.ok(biasOf(true) > biasOf(false))
  })

  it('should say how far it is', () => {
    const shares: number[] = []
    trainSvm(matrix, targets, 8, { ...options, onProgress: (share) => shares.push(share) })
    assert.deepEqual(shares, [1 / 2, 1])
  })

  it('should fit a label alike whichever labels descend beside it', () => {
    const alone = trainSvm(matrix, targets, 3, options)
    const amongMany = trainSvm(matrix, targets, 7, options)
    const column = (fit: typeof alone, labels: number) =>
      [...fit.weights].filter((_, at) => at % labels === 0).map((weight) => weight.toFixed(2))
    assert.deepEqual(column(alone, 3), column(amongMany, 7))
  })
})
