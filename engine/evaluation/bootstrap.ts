import { createRandom } from '../text/hashing.js'

export interface Interval {
  readonly low: number
  readonly high: number
}

export interface Estimate extends Interval {
  readonly value: number
}

/** Computes figures from rows, each counted as often as its weight says. Always gives the same number of figures. */
export type WeightedFigures = (weights: Uint32Array) => readonly number[]

export const resamples = 1000
const seed = 20_240_229
const lowShare = 0.025
const highShare = 0.975

/**
 * Gives each figure with its 95 % percentile interval from 1,000 resamples of the rows (Efron and Tibshirani, "An Introduction to
 * the Bootstrap", 1993, chapter 13). Figures of two models in one call are resampled in pairs: a difference between
 * them then has the interval of a paired comparison. Without rows each figure is the one of no rows.
 */
export function bootstrap(rows: number, figuresOf: WeightedFigures): readonly Estimate[] {
  const values = figuresOf(new Uint32Array(rows).fill(1))
  const drawn = values.map(() => new Float64Array(resamples))
  const weights = new Uint32Array(rows)
  const random = createRandom(seed)
  for (let round = 0; round < resamples; round++) {
    draw(weights, random)
    figuresOf(weights).forEach((figure, at) => {
      const column = drawn[at]
      if (column !== undefined) column[round] = figure
    })
  }
  return values.map((value, at) => ({ value, ...percentiles(drawn[at]) }))
}

/** Draws as many rows as there are, with replacement: how often each was drawn. */
function draw(weights: Uint32Array, random: () => number): void {
  const rows = weights.length
  weights.fill(0)
  for (let count = 0; count < rows; count++) {
    const at = Math.floor((random() / 2 ** 32) * rows)
    weights[at] = (weights[at] ?? 0) + 1
  }
}

function percentiles(drawn = new Float64Array(0)): Interval {
  drawn.sort()
  return { low: quantile(drawn, lowShare), high: quantile(drawn, highShare) }
}

/** Between two values in proportion: definition 7 of Hyndman and Fan (1996). */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1)
  const below = sorted[Math.floor(place)] ?? 0
  const above = sorted[Math.ceil(place)] ?? below
  return below + (above - below) * (place - Math.floor(place))
}

/**
 * Moves an interval down by how far the mean of the resamples lies above the figure. For figures that resampling itself
 * makes larger, such as the calibration error: rows that are drawn twice add noise that counts as error
 * (the bootstrap's estimate of bias: Efron and Tibshirani, chapter 10). Never below 0.
 */
export function withoutBias({ value, low, high }: Estimate, meanOfResamples: number): Estimate {
  const bias = meanOfResamples - value
  return { value, low: Math.max(0, low - bias), high: Math.max(0, high - bias) }
}
