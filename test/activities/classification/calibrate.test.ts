import assert from 'node:assert/strict'
import {
  findQuantile,
  findReviewBar,
  fitTemperature,
} from '../../../activities/classification/calibrate.js'
import { softmax } from '../../../activities/classification/softmax.js'

/** Four examples scored alike, of which three are right. */
const threeOfFour = (lead: number) => [0, 0, 0, 1].map((target) => ({ scores: [lead, 0], target }))

describe('fitTemperature', () => {
  it('should make the confidence the share that is right, for the too sure and the too shy', () => {
    for (const lead of [8, 0.2]) {
      const [confidence] = softmax([lead, 0], fitTemperature(threeOfFour(lead)))
      assert.ok(Math.abs(confidence! - 0.75) < 1e-4, `${lead}: ${confidence!}`)
    }
  })

  it('should keep the order of confidences', () => {
    const temperature = fitTemperature(threeOfFour(3))
    const confidences = [0.1, 0.5, 1, 2, 4].map((lead) => softmax([lead, 0], temperature)[0]!)
    assert.deepEqual(
      confidences,
      confidences.toSorted((left, right) => left - right),
    )
  })
})

describe('findReviewBar', () => {
  const predictions = [
    { confidence: 0.9, isRight: true },
    { confidence: 0.8, isRight: true },
    { confidence: 0.7, isRight: false },
    { confidence: 0.6, isRight: true },
    { confidence: 0.5, isRight: false },
  ]

  it('should be the smallest confidence that reaches the wanted precision', () => {
    assert.equal(findReviewBar(predictions, 1), 0.8)
    assert.equal(findReviewBar(predictions, 0.75), 0.6)
    assert.equal(findReviewBar(predictions, 0.6), 0.5)
  })

  it('should not fall when more precision is wanted', () => {
    const bars = [0.1, 0.6, 0.7, 0.8, 0.95, 1].map((wanted) => findReviewBar(predictions, wanted))
    assert.deepEqual(
      bars,
      bars.toSorted((left, right) => left - right),
    )
  })

  it('should take equal confidences together, and be 1 where nothing is precise enough', () => {
    const equal = [true, false].map((isRight) => ({ confidence: 0.9, isRight }))
    assert.equal(findReviewBar(equal, 0.95), 1)
  })
})

describe('findQuantile', () => {
  it('should give the value below which the share lies', () => {
    assert.equal(findQuantile([4, 1, 3, 2], 0.5), 3)
    assert.equal(findQuantile([], 0.5), 0)
  })
})
