import assert from 'node:assert/strict'
import { measureRejection, measureReview } from '../../../engine/evaluation/rejection.js'
import { makeRows, row } from './judged-rows.js'

describe('measureRejection', () => {
  it('should reject the least confident first, in steps of 5 %', () => {
    const rows = Array.from({ length: 20 }, (_, at) =>
      row('a', at < 2 ? 'b' : 'a', { confidence: (at + 1) / 20 }),
    )
    const curve = measureRejection(rows)
    assert.deepEqual(
      curve.map(({ rejected }) => rejected),
      [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5],
    )
    assert.deepEqual(curve[0], { rejected: 0, kept: 20, accuracy: 0.9 })
    assert.deepEqual(curve[1], { rejected: 0.05, kept: 19, accuracy: 18 / 19 })
    assert.deepEqual(curve[2], { rejected: 0.1, kept: 18, accuracy: 1 })
  })

  it('should rise where the confidence tells right from wrong', () => {
    const curve = measureRejection(makeRows({ rows: 3000, labels: ['a', 'b'] }))
    assert.ok(curve.at(-1)!.accuracy > curve[0]!.accuracy + 0.08)
  })

  it('should survive no rows', () => {
    assert.ok(measureRejection([]).every(({ kept, accuracy }) => kept === 0 && accuracy === 0))
  })
})

describe('measureReview', () => {
  it('should say what the model keeps to itself, and how right that is', () => {
    const outcome = measureReview([
      row('a', 'a'),
      row('a', 'a'),
      row('b', 'a'),
      row('b', 'a', { needsReview: true }),
    ])
    assert.equal(outcome.keptShare, 0.75)
    assert.equal(outcome.keptAccuracy.value, 2 / 3)
    assert.equal(outcome.reviewed, 1)
    assert.equal(outcome.reviewedAccuracy.value, 0)
  })
})
