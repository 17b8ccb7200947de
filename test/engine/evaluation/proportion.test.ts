import assert from 'node:assert/strict'
import { subtract, wilson } from '../../../engine/evaluation/proportion.js'

const near = (value: number, wanted: number) =>
  assert.ok(Math.abs(value - wanted) < 1e-4, `${value}, not ${wanted}`)

describe('wilson', () => {
  it('should give the score interval', () => {
    const { value, low, high } = wilson(8, 10)
    assert.equal(value, 0.8)
    near(low, 0.4902)
    near(high, 0.9433)
  })

  it('should stay within 0 and 1, and know nothing of no rows', () => {
    assert.equal(wilson(0, 5).low, 0)
    assert.equal(wilson(5, 5).high, 1)
    assert.deepEqual(wilson(0, 0), { value: 0, low: 0, high: 1 })
  })
})

describe('subtract', () => {
  it('should give Newcombe’s interval for his own example, 56 of 70 against 48 of 80', () => {
    const { value, low, high } = subtract(wilson(56, 70), wilson(48, 80))
    near(value, 0.2)
    near(low, 0.0524)
    near(high, 0.3339)
  })
})
