import assert from 'node:assert/strict'
import { remember } from '../../../api/http/remember.js'

describe('remember', () => {
  it('finds once for each text, what is false too, and forgets rather than grow without end', () => {
    let finds = 0
    const isLong = remember((text) => {
      finds++
      return text.length > 3
    })
    assert.deepEqual(
      [isLong('a'), isLong('abcd'), isLong('a'), isLong('abcd')],
      [false, true, false, true],
    )
    assert.equal(finds, 2)
    for (let n = 0; n < 10_000; n++) isLong(`text ${n}`)
    assert.equal(isLong('a'), false)
    assert.equal(finds, 10_003)
  })
})
