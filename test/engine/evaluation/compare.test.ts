import assert from 'node:assert/strict'
import { compare } from '../../../engine/evaluation/compare.js'
import { makeRows, row } from './judged-rows.js'

const labels = ['a', 'b', 'c']
const rows = makeRows({ rows: 2000, labels })

describe('compare', () => {
  it('should find no difference between a model and itself', () => {
    const { accuracy, macroF1, mcnemar, classes } = compare(rows, rows)
    assert.deepEqual(accuracy.difference, { value: 0, low: 0, high: 0 })
    assert.deepEqual(macroF1.difference, { value: 0, low: 0, high: 0 })
    assert.deepEqual([mcnemar.onlyThis, mcnemar.onlyOther, mcnemar.p], [0, 0, 1])
    assert.deepEqual(
      classes.map(({ label }) => label),
      labels,
    )
  })

  it('should see through a difference that is the same on every row that both find hard', () => {
    const worse = rows.map((one, at) => (at % 50 === 0 ? { ...one, predicted: 'never' } : one))
    const { accuracy, mcnemar } = compare(rows, worse)
    assert.ok(accuracy.difference.low > 0, 'a hundredth of the rows is beyond noise when paired')
    assert.ok(accuracy.difference.high - accuracy.difference.low < 0.02)
    assert.equal(mcnemar.onlyOther, 0)
    assert.ok(mcnemar.p < 1e-5)
  })

  it('should name the class that changed', () => {
    const worse = rows.map((one) => (one.truth === 'b' ? { ...one, predicted: 'c' } : one))
    const { classes } = compare(worse, rows)
    const changed = classes.filter(({ difference }) => difference.high < 0)
    assert.deepEqual(
      changed.map(({ label }) => label),
      ['b', 'c'],
    )
  })

  it('should refuse rows that are not the same', () => {
    assert.throws(() => compare([row('a', 'a')], [row('b', 'a')]), /same rows/u)
    assert.throws(() => compare([row('a', 'a')], []), /same rows/u)
  })
})
