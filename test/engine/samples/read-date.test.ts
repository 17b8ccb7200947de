import assert from 'node:assert/strict'
import { findDateOrder, readDate } from '../../../engine/samples/read-date.js'

describe('readDate', () => {
  it('should read the day first, or the month where the file can mean nothing else', () => {
    assert.equal(findDateOrder(['01/02/2025', '', '2025-01-31', 'x']), 'day first')
    assert.equal(findDateOrder(['01/02/2025', '01/31/2025']), 'month first')
    assert.equal(findDateOrder(['31/01/2025', '01/31/2025']), 'day first')
    assert.equal(readDate('3/4/2025', 'day first'), '2025-04-03')
    assert.equal(readDate('3/4/2025', 'month first'), '2025-03-04')
    assert.equal(readDate('03.04.2025 10:20', 'day first'), '2025-04-03')
    assert.equal(readDate('2025-04-03T10:20:00Z', 'month first'), '2025-04-03')
  })

  it('should know no day that the calendar lacks', () => {
    for (const written of [
      '',
      '31/02/2025',
      '29/02/2025',
      '2025-13-01',
      '00/01/2025',
      '1/1/25',
      'ontem',
    ])
      assert.equal(readDate(written, 'day first'), undefined, written)
    assert.equal(readDate('29/02/2024', 'day first'), '2024-02-29')
  })
})
