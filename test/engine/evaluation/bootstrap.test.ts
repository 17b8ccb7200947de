import assert from 'node:assert/strict'
import { bootstrap } from '../../../engine/evaluation/bootstrap.js'

/** The share of rows, of which the first `hits` are right. */
const shareOf = (hits: number) => (weights: Uint32Array) => {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return [weights.slice(0, hits).reduce((sum, weight) => sum + weight, 0) / total]
}

describe('bootstrap', () => {
  it('should give the interval that theory gives for a share', () => {
    const [estimate] = bootstrap(400, shareOf(320))
    assert.equal(estimate!.value, 0.8)
    const reach = 1.96 * Math.sqrt((0.8 * 0.2) / 400)
    assert.ok(Math.abs(estimate!.low - (0.8 - reach)) < 0.005, `${estimate!.low}`)
    assert.ok(Math.abs(estimate!.high - (0.8 + reach)) < 0.005, `${estimate!.high}`)
  })

  it('should give the same twice, and draw as many rows as there are', () => {
    assert.deepEqual(bootstrap(50, shareOf(20)), bootstrap(50, shareOf(20)))
    bootstrap(7, (weights) => {
      assert.equal(
        weights.reduce((sum, weight) => sum + weight, 0),
        7,
      )
      return [0]
    })
  })

  it('should survive no rows', () => {
    assert.deepEqual(
      bootstrap(0, () => [0]),
      [{ value: 0, low: 0, high: 0 }],
    )
  })
})
