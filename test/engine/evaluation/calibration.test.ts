import assert from 'node:assert/strict'
import { measureCalibration } from '../../../engine/evaluation/calibration.js'
import { encodeRows } from '../../../engine/evaluation/encode-rows.js'
import { makeRows, row } from './judged-rows.js'

const labels = ['a', 'b', 'c']

describe('measureCalibration', () => {
  it('should be small where the confidence is honest, with an interval around it', () => {
    const { error } = measureCalibration(encodeRows(makeRows({ rows: 6000, labels })))
    assert.ok(error.value < 0.025, `${error.value}`)
    assert.ok(error.low <= error.value && error.value <= error.high)
    assert.ok(error.high - error.low < 0.03)
  })

  it('should be the distance by which a model is too sure', () => {
    const rows = makeRows({ rows: 6000, labels, rightAt: (confidence) => confidence - 0.2 })
    const { error } = measureCalibration(encodeRows(rows))
    assert.ok(Math.abs(error.value - 0.2) < 0.02, `${error.value}`)
    assert.ok(error.low > 0.15 && error.high < 0.25)
  })

  it('should be counted in 15 bins of equally many rows, by rising confidence', () => {
    const rows = makeRows({ rows: 151, labels })
    const { bins } = measureCalibration(encodeRows(rows))
    assert.equal(bins.length, 15)
    assert.equal(
      bins.reduce((sum, bin) => sum + bin.rows, 0),
      151,
    )
    assert.ok(bins.every((bin) => bin.rows === 10 || bin.rows === 11))
    const confidences = bins.map(({ confidence }) => confidence)
    assert.deepEqual(
      confidences,
      confidences.toSorted((left, right) => left - right),
    )
  })

  it('should be what one counts by hand', () => {
    const rows = [row('a', 'a', { confidence: 1 }), row('a', 'b', { confidence: 0.6 })]
    const { error, brier, bins } = measureCalibration(encodeRows(rows))
    assert.ok(Math.abs(error.value - 0.3) < 1e-12)
    assert.ok(Math.abs(brier - 0.18) < 1e-12)
    assert.deepEqual(bins, [
      { rows: 1, confidence: 0.6, accuracy: 0 },
      { rows: 1, confidence: 1, accuracy: 1 },
    ])
  })

  it('should survive no rows', () => {
    assert.deepEqual(measureCalibration(encodeRows([])), {
      error: { value: 0, low: 0, high: 0 },
      brier: 0,
      bins: [],
    })
  })
})
