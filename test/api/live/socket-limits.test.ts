import assert from 'node:assert/strict'
import { createFloodGuard, createSocketLimits } from '../../../api/live/answer-upgrade.js'

describe('Limits of sockets', () => {
  it('let an address hold so many, and another when one closes', () => {
    const limits = createSocketLimits(2)
    limits.onOpen('a')
    limits.onOpen('a')
    assert.equal(limits.mayOpenAnother('a'), false)
    assert.equal(limits.mayOpenAnother('b'), true)
    limits.onClose('a')
    assert.equal(limits.mayOpenAnother('a'), true)
  })

  it('let each key open so many in a minute, closed or not', () => {
    let now = 1_000
    const limits = createSocketLimits(10, () => now)
    const take = (key: string) => limits.takeOpening(key, 3)
    assert.deepEqual(['a', 'a', 'a', 'a', 'b'].map(take), [true, true, true, false, true])
    now += 59_999
    assert.equal(take('a'), false)
    now += 1
    assert.deepEqual(['a', 'a', 'a', 'a'].map(take), [true, true, true, false])
  })

  it('call the 21st message within ten seconds a flood', () => {
    let now = 50_000
    const isFlooding = createFloodGuard(() => now)
    for (let i = 0; i < 20; i++) assert.equal(isFlooding(), false)
    assert.equal(isFlooding(), true)
    now += 10_001
    assert.equal(isFlooding(), false)
  })
})
