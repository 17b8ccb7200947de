import { logSumExp, softmax } from '../model/softmax.js'

export interface ScoredExample {
  /** One score for each label. */
  readonly scores: ArrayLike<number>
  /** The position of the true label. */
  readonly target: number
}

const minLogTemperature = Math.log(0.01)
const maxLogTemperature = Math.log(100)

/**
 * Finds the temperature at which the probabilities of held-out scores fit the truth best (Guo et al.,
 * "On Calibration of Modern Neural Networks", ICML 2017).
 */
export function fitTemperature(examples: readonly ScoredExample[]): number {
  const loss = (logarithm: number) => {
    const temperature = Math.exp(logarithm)
    return examples.reduce((sum, { scores, target }) => {
      const probability = softmax(scores, temperature)[target] ?? 0
      return sum - Math.log(Math.max(probability, 1e-12))
    }, 0)
  }
  return Math.exp(findLowest(loss, minLogTemperature, maxLogTemperature))
}

/**
 * The cost of accepting an out-of-scope text, where rejecting a text of a known label costs 1. Out-of-scope texts are
 * made up here and the others are real: with a weight of 1, the model would be sure of fewer real texts.
 */
const outOfScopeWeight = 0.2

/**
 * Finds the score of "none of the labels" that fits held-out texts best. Each text counts twice: as it is, and as an
 * out-of-scope text, for which the score of its own label is hidden. So no real out-of-scope text is needed.
 */
export function fitNoneScore(examples: readonly ScoredExample[], temperature: number): number {
  const rivals = examples.map(({ scores, target }) => {
    const powers = Float64Array.from(scores, (score) => score / temperature)
    const all = logSumExp(powers)
    powers[target] = -Infinity
    return { all, others: logSumExp(powers) }
  })
  const loss = (noneScore: number) => {
    const none = noneScore / temperature
    return rivals.reduce((sum, { all, others }) => {
      const asOwn = logSumExp([all, none])
      const asOutOfScope = logSumExp([others, none]) - none
      return sum + asOwn + outOfScopeWeight * asOutOfScope
    }, 0)
  }
  return findLowest(loss, minNoneScore, maxNoneScore)
}

/** A support vector machine learns to score its own texts 1 and all others -1; the search covers twice that range. */
const [minNoneScore, maxNoneScore] = [-2, 2] as const

const searchSteps = 40

/** Finds the lowest point of a function that falls and then rises, by golden-section search. */
function findLowest(of: (at: number) => number, from: number, to: number): number {
  const golden = (Math.sqrt(5) - 1) / 2
  let [low, high] = [from, to]
  let left = high - golden * (high - low)
  let right = low + golden * (high - low)
  let atLeft = of(left)
  let atRight = of(right)
  for (let step = 0; step < searchSteps; step++) {
    if (atLeft <= atRight) {
      ;[high, right, atRight] = [right, left, atLeft]
      left = high - golden * (high - low)
      atLeft = of(left)
    } else {
      ;[low, left, atLeft] = [left, right, atRight]
      right = low + golden * (high - low)
      atRight = of(right)
    }
  }
  return (low + high) / 2
}

/** A sigmoid of `slope * lead + offset`, and its loss on the examples. */
export interface Sigmoid {
  readonly slope: number
  readonly offset: number
  /** The summed negative log-likelihood. */
  readonly loss: number
}

const newtonSteps = 20

/**
 * Fits the probability of the first of two answers to how far its held-out score leads (Platt, "Probabilistic
 * outputs for support vector machines", 1999, with his softened targets), by Newton's method.
 */
export function fitSigmoid(leads: ArrayLike<number>, isFirst: readonly boolean[]): Sigmoid {
  const first = isFirst.filter(Boolean).length
  const high = (first + 1) / (first + 2)
  const low = 1 / (isFirst.length - first + 2)
  let [slope, offset, loss] = [1, 0, 0]
  for (let step = 0; step < newtonSteps; step++) {
    let [toSlope, toOffset, ofSlope, ofBoth, ofOffset] = [0, 0, 1e-9, 0, 1e-9]
    loss = 0
    for (let at = 0; at < isFirst.length; at++) {
      const lead = leads[at] ?? 0
      const target = isFirst[at] === true ? high : low
      const share = 1 / (1 + Math.exp(-(slope * lead + offset)))
      const bend = share * (1 - share)
      loss -= target * Math.log(share + 1e-12) + (1 - target) * Math.log(1 - share + 1e-12)
      toSlope += (share - target) * lead
      toOffset += share - target
      ofSlope += bend * lead * lead
      ofBoth += bend * lead
      ofOffset += bend
    }
    const determinant = ofSlope * ofOffset - ofBoth * ofBoth
    if (!(determinant > 1e-12)) break
    slope -= (ofOffset * toSlope - ofBoth * toOffset) / determinant
    offset -= (ofSlope * toOffset - ofBoth * toSlope) / determinant
  }
  return { slope, offset, loss }
}

export interface Prediction {
  readonly confidence: number
  readonly isRight: boolean
}

/** How often predictions of a confidence were right: the points of a line that never falls. */
export interface ConfidenceCurve {
  readonly from: readonly number[]
  readonly to: readonly number[]
}

const maxBins = 40
/** In a smaller bin, the share of right predictions is mostly chance. */
const minInBin = 40

/**
 * Learns from held-out predictions how often each confidence is right: isotonic regression (Zadrozny and
 * Elkan, KDD 2002; pool-adjacent-violators) over bins of equal size. With too few predictions a confidence stays as
 * it is, except that none may be certain (Laplace's rule of succession).
 */
export function fitConfidence(predictions: readonly Prediction[]): ConfidenceCurve {
  const bins = Math.min(maxBins, Math.floor(predictions.length / minInBin))
  if (bins < 3) {
    const maxConfidence = 1 - 1 / (predictions.length + 2)
    return { from: [maxConfidence, 1], to: [maxConfidence, maxConfidence] }
  }
  const sorted = predictions.toSorted((left, right) => left.confidence - right.confidence)
  const pools: Pool[] = []
  for (let bin = 0; bin < bins; bin++) {
    const start = Math.floor((bin * sorted.length) / bins)
    const end = Math.floor(((bin + 1) * sorted.length) / bins)
    pools.push(toPool(sorted.slice(start, end)))
    mergeFalling(pools)
  }
  return {
    from: pools.map(({ confidence, size }) => confidence / size),
    // Adds one right and one wrong prediction, so that no confidence is 0 or 1 (Laplace).
    to: pools.map(({ right, size }) => (right + 1) / (size + 2)),
  }
}

interface Pool {
  readonly confidence: number
  readonly right: number
  readonly size: number
}

const toPool = (predictions: readonly Prediction[]): Pool => ({
  confidence: predictions.reduce((sum, { confidence }) => sum + confidence, 0),
  right: predictions.filter(({ isRight }) => isRight).length,
  size: predictions.length,
})

function mergeFalling(pools: Pool[]): void {
  for (;;) {
    const last = pools.at(-1)
    const before = pools.at(-2)
    if (!last || !before || before.right / before.size < last.right / last.size) return
    pools.splice(-2, 2, {
      confidence: before.confidence + last.confidence,
      right: before.right + last.right,
      size: before.size + last.size,
    })
  }
}

/** Reads a curve at a confidence. Below its first point the line goes to 0; above its last point it stays level. */
export function readCurve({ from, to }: ConfidenceCurve, confidence: number): number {
  const next = from.findIndex((point) => point >= confidence)
  const last = from.length - 1
  if (next < 0) return to[last] ?? confidence
  const [x0, y0] = next === 0 ? [0, 0] : [from[next - 1] ?? 0, to[next - 1] ?? 0]
  const [x1, y1] = [from[next] ?? 1, to[next] ?? 1]
  return x1 === x0 ? y1 : y0 + ((y1 - y0) * (confidence - x0)) / (x1 - x0)
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
