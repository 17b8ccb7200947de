import type { Estimate, Interval } from './bootstrap.js'

/** Two-sided 95 % of the normal distribution. */
const z = 1.959963984540054

/** The 95 % score interval of a share (Wilson 1927; Brown, Cai and DasGupta 2001): sound for few rows and for shares near 0 or 1. */
export function wilson(hits: number, rows: number): Estimate {
  if (rows === 0) return { value: 0, low: 0, high: 1 }
  const share = hits / rows
  const middle = (share + (z * z) / (2 * rows)) / (1 + (z * z) / rows)
  const spread = Math.sqrt((share * (1 - share)) / rows + (z * z) / (4 * rows * rows))
  const reach = (z * spread) / (1 + (z * z) / rows)
  return { value: share, low: Math.max(0, middle - reach), high: Math.min(1, middle + reach) }
}

/**
 * The interval of the difference between two independent figures out of the interval of each: the square-and-add method
 * (Newcombe 1998, method 10; Zou and Donner 2008).
 */
export function subtract(left: Estimate, right: Estimate): Estimate {
  const value = left.value - right.value
  return {
    value,
    low: value - Math.hypot(left.value - left.low, right.high - right.value),
    high: value + Math.hypot(left.high - left.value, right.value - right.low),
  }
}

export const excludesZero = ({ low, high }: Interval): boolean => low > 0 || high < 0
