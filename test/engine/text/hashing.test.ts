import assert from 'node:assert/strict'
import { createRandom } from '../../../engine/text/hashing.js'

describe('createRandom', () => {
  it('gives the same numbers for the same seed, others for another', () => {
    const draw = (seed: number) => Array.from({ length: 3 }, createRandom(seed))
    assert.deepEqual(draw(1), [2_527_132_011, 314_344_336, 2_535_364_964])
    assert.notDeepEqual(draw(2), draw(1))
  })

  it('is even', () => {
    const random = createRandom(1)
    const low = Array.from({ length: 10_000 }, random).filter((one) => one < 2 ** 31).length
    assert.ok(Math.abs(low - 5_000) < 200, `${low}`)
  })
})
