import assert from 'node:assert/strict'
import { parseRetryAfter } from '../../../services/adapters/inference-fetch.js'

const now = Date.parse('2025-11-21T12:00:00Z')

describe('parseRetryAfter', () => {
  for (const [value, ms] of [
    ['0', 0],
    [' 12 ', 12_000],
    ['99999999999999999999', 60_000],
    ['Fri, 21 Nov 2025 12:00:30 GMT', 30_000],
    ['Fri, 21 Nov 2025 13:00:00 GMT', 60_000],
    ['Fri, 21 Nov 2025 11:00:00 GMT', 0],
    ['soon', undefined],
    ['soon GMT', undefined],
    ['-5', undefined],
    ['', undefined],
    [null, undefined],
  ] as const) {
    it(`reads ${JSON.stringify(value)} as ${String(ms)}`, () => {
      assert.equal(parseRetryAfter(value, now), ms)
    })
  }
})
