import assert from 'node:assert/strict'
import { compareCounts, readChanges } from '../../../engine/evaluation/class-changes.js'
import { compare } from '../../../engine/evaluation/compare.js'
import { makeRows } from './judged-rows.js'

const counts = (label: string, support: number, found: number, hits: number) => ({
  label,
  support,
  found,
  hits,
})

describe('compareCounts', () => {
  it('should call worse what fell beyond noise, and nothing else', () => {
    const before = [counts('a', 200, 200, 180), counts('b', 200, 200, 180), counts('c', 8, 8, 7)]
    const now = [counts('a', 200, 200, 140), counts('b', 200, 200, 175), counts('c', 8, 8, 5)]
    const { worse, better, gone } = compareCounts(now, before)
    assert.deepEqual(
      worse.map((one) => [one.label, one.before.toFixed(3), one.now.toFixed(3)]),
      [['a', '0.900', '0.700']],
    )
    assert.deepEqual([better, gone], [[], []])
  })

  it('should call worse a class that swallows others, though its recall rose', () => {
    const { worse } = compareCounts([counts('a', 100, 300, 98)], [counts('a', 100, 100, 90)])
    assert.equal(worse.length, 1)
  })

  it('should name what is gone, and let alone what is new', () => {
    const { worse, gone } = compareCounts([counts('new', 5, 5, 1)], [counts('old', 50, 50, 40)])
    assert.deepEqual([worse, gone], [[], ['old']])
  })

  it('should read the same of a comparison on the same rows', () => {
    const rows = makeRows({ rows: 1000, labels: ['a', 'b'] })
    const others = rows.map((one) => (one.truth === 'a' ? { ...one, predicted: 'x' } : one))
    const { worse, better, gone } = readChanges(compare(others, rows))
    assert.deepEqual(
      worse.map(({ label, now }) => [label, now]),
      [['a', 0]],
    )
    assert.deepEqual([better.map(({ label }) => label), gone], [['b'], []])
  })
})
