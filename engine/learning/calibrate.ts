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
  const surprise = (logarithm: number) => {
    const temperature = Math.exp(logarithm)
    return examples.reduce((sum, { scores, target }) => {
      const probability = softmax(scores, temperature)[target] ?? 0
      return sum - Math.log(Math.max(probability, 1e-12))
    }, 0)
  }
  return Math.exp(findLowest(surprise, minLogTemperature, maxLogTemperature))
}

/**
 * How much a stranger who is let in weighs beside one's own who is turned away. Strangers are made up, one's own
 * are seen: at 1, fewer of these could be told to be sure.
 */
const strangerWeight = 0.2

/**
 * Finds the score of "none of the labels" under which held-out texts are least surprising, each as it is and once
 * more as a stranger: without the score of its own label, a text belongs to none that is left. So no text of
 * strangers is needed to learn how they look.
 */
export function fitNoneScore(examples: readonly ScoredExample[], temperature: number): number {
  const rivals = examples.map(({ scores, target }) => {
    const powers = Float64Array.from(scores, (score) => score / temperature)
    const all = logSumExp(powers)
    powers[target] = -Infinity
    return { all, others: logSumExp(powers) }
  })
  const surprise = (noneScore: number) => {
    const none = noneScore / temperature
    return rivals.reduce((sum, { all, others }) => {
      const asOwn = logSumExp([all, none])
      const asStranger = logSumExp([others, none]) - none
      return sum + asOwn + strangerWeight * asStranger
    }, 0)
  }
  return findLowest(surprise, lowestNone, highestNone)
}

/** Machines learn to give their own texts 1 and others -1. */
const [lowestNone, highestNone] = [-2, 2] as const

const searchSteps = 40

/** Searches by golden section where a function that falls and then rises is lowest. */
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

/** A sigmoid of `slope * lead + offset`, and how surprising the truth is under it. */
export interface Sigmoid {
  readonly slope: number
  readonly offset: number
  /** The summed negative log-likelihood. */
  readonly surprise: number
}

const newtonSteps = 20

/**
 * Fits the probability of the first of two answers to the lead of its held-out score (Platt, "Probabilistic
 * outputs for support vector machines", 1999, with his softened targets), by Newton's method.
 */
export function fitSigmoid(leads: ArrayLike<number>, isFirst: readonly boolean[]): Sigmoid {
  const first = isFirst.filter(Boolean).length
  const high = (first + 1) / (first + 2)
  const low = 1 / (isFirst.length - first + 2)
  let [slope, offset, surprise] = [1, 0, 0]
  for (let step = 0; step < newtonSteps; step++) {
    let [toSlope, toOffset, ofSlope, ofBoth, ofOffset] = [0, 0, 1e-9, 0, 1e-9]
    surprise = 0
    for (let at = 0; at < isFirst.length; at++) {
      const lead = leads[at] ?? 0
      const target = isFirst[at] === true ? high : low
      const share = 1 / (1 + Math.exp(-(slope * lead + offset)))
      const bend = share * (1 - share)
      surprise -= target * Math.log(share + 1e-12) + (1 - target) * Math.log(1 - share + 1e-12)
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
  return { slope, offset, surprise }
}

export interface Prediction {
  readonly confidence: number
  readonly isRight: boolean
}

/** How often predictions of a confidence were right: points of a line that never falls, straight between them. */
export interface ConfidenceCurve {
  readonly from: readonly number[]
  readonly to: readonly number[]
}

const maxBins = 40
/** With fewer in a bin its share of right ones is mostly chance. */
const minInBin = 40

/**
 * Learns from held-out predictions how often each confidence is right: isotonic regression (Zadrozny and
 * Elkan, KDD 2002; pool-adjacent-violators) over bins of equal mass. Where there are too few predictions to
 * tell, a confidence is left as it is, but for the certain ones: nothing is (Laplace's rule of succession).
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
    // One right and one wrong more than seen: nothing is certain (Laplace).
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

/** Reads a curve at a confidence; beyond its ends the line goes on to 0 and towards 1. */
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
