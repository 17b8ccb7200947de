import assert from 'node:assert/strict'
import { decodePredictions, encodePredictions } from '../../../engine/pool/predictions.js'

describe('predictions as bytes', () => {
  const certain = { label: 'Saúde', confidence: 0.75, needsReview: false, isFamiliar: true }
  const doubtful = { label: 'Lazer', confidence: 0.5, needsReview: true, isFamiliar: false }

  it('come back as they went, those that were not judged too', () => {
    for (const predictions of [[], [certain], [doubtful, undefined, certain, certain]])
      assert.deepEqual(decodePredictions(encodePredictions(predictions)), predictions)
  })

  it('come back from the middle of other bytes', () => {
    const bytes = Buffer.concat([Buffer.from('xyz'), encodePredictions([certain])])
    assert.deepEqual(decodePredictions(bytes.subarray(3)), [certain])
  })

  it('take seven bytes an item beside the labels', () => {
    const many = encodePredictions(Array.from({ length: 5_000 }, () => certain))
    assert.ok(many.length < 5_000 * 7 + 100)
  })

  it('are refused when they are cut short or something else', () => {
    const bytes = encodePredictions([certain, doubtful])
    assert.throws(() => decodePredictions(bytes.subarray(0, -1)), /cut short/)
    for (const other of [Buffer.alloc(0), Buffer.from('{"labels":[]}'), Buffer.alloc(40)])
      assert.throws(() => decodePredictions(other))
  })
})
