import assert from 'node:assert/strict'
import {
  findQuantile,
  findReviewBar,
  fitConfidence,
  fitNoneScore,
  fitSigmoid,
  fitTemperature,
  readCurve,
} from '../../../engine/learning/calibrate.js'
import { softmax } from '../../../engine/model/softmax.js'

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

describe('fitNoneScore', () => {
  /** Texts whose own label scores `own` and all others -1. */
  const scored = (own: number) =>
    Array.from({ length: 200 }, (_, at) => {
      const target = at % 5
      const scores = Array.from({ length: 5 }, (_, label) => (label === target ? own : -1))
      return { scores, target }
    })
  /** The share of the likeliest label, with a score for none of them. */
  const shareOf = (scores: number[], noneScore: number) =>
    Math.max(...softmax(scores, 0.2, noneScore))

  it('should leave one’s own texts sure, and not be sure of a stranger for one label being less wrong', () => {
    const noneScore = fitNoneScore(scored(0.8), 0.2)
    const stranger = [-0.6, -1.4, -1.4, -1.4, -1.4]
    assert.ok(shareOf([0.8, -1, -1, -1, -1], noneScore) > 0.98)
    assert.ok(Math.max(...softmax(stranger, 0.2)) > 0.9)
    assert.ok(shareOf(stranger, noneScore) < 0.5)
  })

  it('should lie between the scores of one’s own labels and those of the others', () => {
    for (const own of [-0.2, 0.4, 1]) {
      const noneScore = fitNoneScore(scored(own), 0.2)
      assert.ok(noneScore < own && noneScore > -1, `${own}: ${noneScore}`)
    }
  })
})

describe('fitSigmoid', () => {
  it('should find the slope and the offset that made the answers', () => {
    const leads = Array.from({ length: 4000 }, (_, at) => (at % 200) / 50 - 2)
    // Of each lead's twenty, as many as the sigmoid of 2 * lead - 1 says.
    const isFirst = leads.map(
      (lead, at) => (Math.floor(at / 200) + 0.5) / 20 < 1 / (1 + Math.exp(1 - 2 * lead)),
    )
    const { slope, offset } = fitSigmoid(leads, isFirst)
    assert.ok(Math.abs(slope - 2) < 0.1 && Math.abs(offset + 1) < 0.1, `${slope} ${offset}`)
  })

  it('should stay finite where the leads tell the answers apart', () => {
    const { slope, offset, loss } = fitSigmoid([3, 2, -2, -3], [true, true, false, false])
    assert.ok([slope, offset, loss].every(Number.isFinite) && slope > 0)
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

describe('fitConfidence', () => {
  /** As sure as `claimed`, and right in `true` of all cases. */
  const predict = (claimed: (at: number) => number, isRight: (at: number) => boolean) =>
    Array.from({ length: 1000 }, (_, at) => ({ confidence: claimed(at), isRight: isRight(at) }))

  it('should bring boasting down to what came true', () => {
    const curve = fitConfidence(
      predict(
        (at) => 0.9 + at / 10_000,
        (at) => at % 2 === 0,
      ),
    )
    assert.ok(Math.abs(readCurve(curve, 0.95) - 0.5) < 0.02)
  })

  it('should never rank a surer prediction below a less sure one', () => {
    const curve = fitConfidence(
      predict(
        (at) => at / 1000,
        (at) => (at * 7919) % 1000 < at,
      ),
    )
    const read = Array.from({ length: 101 }, (_, at) => readCurve(curve, at / 100))
    assert.deepEqual(
      read,
      read.toSorted((left, right) => left - right),
    )
    assert.ok(read.every((value) => value >= 0 && value < 1))
  })

  it('should learn nothing from too few but that nothing is certain', () => {
    const curve = fitConfidence(Array.from({ length: 8 }, () => ({ confidence: 1, isRight: true })))
    assert.ok(Math.abs(readCurve(curve, 0.7) - 0.7) < 1e-9)
    assert.equal(readCurve(curve, 1), 0.9)
  })
})

describe('findQuantile', () => {
  it('should give the value below which the share lies', () => {
    assert.equal(findQuantile([4, 1, 3, 2], 0.5), 3)
    assert.equal(findQuantile([], 0.5), 0)
  })
})
