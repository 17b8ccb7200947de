import assert from 'node:assert/strict'
import { testMcNemar } from '../../../engine/evaluation/mcnemar.js'

describe('testMcNemar', () => {
  it('should count few rows out exactly', () => {
    const { p, method } = testMcNemar(5, 15)
    assert.equal(method, 'exact')
    assert.ok(Math.abs(p - 0.0413895) < 1e-6, `${p}`)
    assert.equal(testMcNemar(0, 0).p, 1)
    assert.equal(testMcNemar(4, 4).p, 1)
  })

  it('should be chi-square with continuity correction for many', () => {
    const { p, method } = testMcNemar(10, 40)
    assert.equal(method, 'chi-square')
    assert.ok(Math.abs(p / 4.11e-5 - 1) < 0.01, `${p}`)
    assert.ok(testMcNemar(50, 50).p > 0.999)
    assert.ok(testMcNemar(0, 5000).p < 1e-300 || testMcNemar(0, 5000).p === 0)
  })

  it('should not mind which is which', () => {
    for (const [left, right] of [
      [3, 9],
      [30, 70],
      [12, 12],
      [13, 12],
    ] as const)
      assert.equal(testMcNemar(left, right).p, testMcNemar(right, left).p)
  })
})
