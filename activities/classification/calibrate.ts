import { softmax } from './softmax.js'

export interface ScoredExample {
  /** One score for each label. */
  readonly scores: readonly number[]
  /** The position of the true label. */
  readonly target: number
}

const coldest = Math.log(0.01)
const hottest = Math.log(100)
const searchSteps = 60

/**
 * Finds the temperature at which the probabilities of held-out scores fit the truth best (Guo et al.,
 * "On Calibration of Modern Neural Networks", ICML 2017), by golden-section search over its logarithm.
 */
export function fitTemperature(examples: readonly ScoredExample[]): number {
  const golden = (Math.sqrt(5) - 1) / 2
  let low = coldest
  let high = hottest
  for (let step = 0; step < searchSteps; step++) {
    const left = high - golden * (high - low)
    const right = low + golden * (high - low)
    if (surprise(examples, Math.exp(left)) <= surprise(examples, Math.exp(right))) high = right
    else low = left
  }
  return Math.exp((low + high) / 2)
}

/** The summed negative log-likelihood. */
function surprise(examples: readonly ScoredExample[], temperature: number): number {
  return examples.reduce((sum, { scores, target }) => {
    const probability = softmax(scores, temperature)[target] ?? 0
    return sum - Math.log(Math.max(probability, 1e-12))
  }, 0)
}

export interface Prediction {
  readonly confidence: number
  readonly isRight: boolean
}

/**
 * Finds the smallest confidence such that, of all held-out predictions at least so confident, the
 * wanted share is right (selective classification: Geifman and El-Yaniv, NeurIPS 2017). 1 when none
 * reaches it.
 */
export function findReviewBar(predictions: readonly Prediction[], wantedPrecision: number): number {
  const sorted = predictions.toSorted((left, right) => right.confidence - left.confidence)
  let bar = 1
  let right = 0
  sorted.forEach(({ confidence, isRight }, index) => {
    if (isRight) right++
    const isLastOfEquals = sorted[index + 1]?.confidence !== confidence
    if (isLastOfEquals && right >= wantedPrecision * (index + 1)) bar = confidence
  })
  return bar
}

/** Gives the value below which the share (0 to 1) of the values lies; 0 for none. */
export function findQuantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.floor(share * sorted.length)] ?? 0
}
