import { bootstrap, type Estimate, withoutBias } from './bootstrap.js'
import type { EncodedRows } from './encode-rows.js'
import { divide } from './tally.js'

/** Rows of about equal confidence: were as many right as the confidence said? */
export interface ReliabilityBin {
  readonly rows: number
  /** The means within the bin. */
  readonly confidence: number
  readonly accuracy: number
}

export interface Calibration {
  /** The expected calibration error of the top label, 0 (honest) to 1. */
  readonly error: Estimate
  /** The mean squared distance between the confidence and what came true (Brier 1950), of the top label. */
  readonly brier: number
  /** By rising confidence. */
  readonly bins: readonly ReliabilityBin[]
}

const binCount = 15

/**
 * Measures how honest the confidence is: the mean distance between confidence and accuracy over 15 bins of equally many
 * rows (Naeini, Cooper and Hauskrecht, AAAI 2015; Guo et al., ICML 2017), with its 95 % bootstrap interval.
 */
export function measureCalibration(rows: EncodedRows): Calibration {
  const sorted = sortByConfidence(rows)
  let sum = 0
  let rounds = 0
  const [error = none] = bootstrap(sorted.confidence.length, (weights) => {
    const found = errorOf(fillBins(sorted, weights))
    if (rounds++ > 0) sum += found
    return [found]
  })
  const ones = new Uint32Array(sorted.confidence.length).fill(1)
  return {
    error: withoutBias(error, divide(sum, rounds - 1)),
    brier: brierOf(sorted),
    bins: fillBins(sorted, ones).filter((bin) => bin.rows > 0),
  }
}

const none: Estimate = { value: 0, low: 0, high: 0 }

interface SortedRows {
  readonly confidence: Float64Array
  /** 1 where the prediction is right. */
  readonly right: Uint8Array
}

function sortByConfidence({ truth, predicted, confidence }: EncodedRows): SortedRows {
  const order = Array.from(confidence.keys()).toSorted(
    (left, right) => (confidence[left] ?? 0) - (confidence[right] ?? 0),
  )
  return {
    confidence: Float64Array.from(order, (at) => confidence[at] ?? 0),
    right: Uint8Array.from(order, (at) => (truth[at] === predicted[at] ? 1 : 0)),
  }
}

/** Deals the rows out in order; copies of one row may fall on both sides of a bin's end, as rows of equal confidence do. */
function fillBins({ confidence, right }: SortedRows, weights: Uint32Array): ReliabilityBin[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const bins: ReliabilityBin[] = []
  let at = 0
  let left = weights[0] ?? 0
  for (let bin = 0; bin < binCount; bin++) {
    const size = endOf(bin + 1, total) - endOf(bin, total)
    let open = size
    let sumOfConfidence = 0
    let hits = 0
    while (open > 0) {
      const taken = Math.min(open, left)
      sumOfConfidence += taken * (confidence[at] ?? 0)
      hits += taken * (right[at] ?? 0)
      open -= taken
      left -= taken
      if (left === 0) left = weights[++at] ?? 0
    }
    bins.push({
      rows: size,
      confidence: divide(sumOfConfidence, size),
      accuracy: divide(hits, size),
    })
  }
  return bins
}

const endOf = (bin: number, total: number): number => Math.floor((bin * total) / binCount)

function errorOf(bins: readonly ReliabilityBin[]): number {
  let total = 0
  let distance = 0
  for (const { rows, confidence, accuracy } of bins) {
    total += rows
    distance += rows * Math.abs(accuracy - confidence)
  }
  return divide(distance, total)
}

function brierOf({ confidence, right }: SortedRows): number {
  const sum = confidence.reduce((total, one, at) => total + (one - (right[at] ?? 0)) ** 2, 0)
  return divide(sum, confidence.length)
}
