import assert from 'node:assert/strict'
import { isClearlyBetter } from '../../../engine/learning/out-of-fold.js'

/** Held-out texts of which each is right (`+`) or wrong (`-`). */
const texts = (rights: string) =>
  Array.from(rights, (right) => ({
    fold: 0,
    familiarity: 1,
    scores: [Float64Array.from(right === '+' ? [1, 0] : [0, 1])],
  }))
const isBetter = (one: string, simpler: string) =>
  isClearlyBetter(texts(one), texts(simpler), {
    labels: ['a', 'b'],
    targets: new Int32Array(one.length),
  })

describe('isClearlyBetter', () => {
  it('should ask for more than one standard error of the difference', () => {
    assert.equal(isBetter('+++', '+++'), false)
    assert.equal(isBetter('+++', '++-'), false)
    assert.equal(isBetter('+++', '+--'), true)
    assert.equal(isBetter('++++-', '----+'), true)
    assert.equal(isBetter('+++--', '---++'), false)
    assert.equal(isBetter('---', '+++'), false)
  })
})
