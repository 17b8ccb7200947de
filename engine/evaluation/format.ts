import type { Estimate } from './bootstrap.js'

/** `91.3 %` */
export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

/** `91.3 % (90.1 to 92.4)` */
export const percentWithin = ({ value, low, high }: Estimate): string =>
  `${percent(value)} (${(low * 100).toFixed(1)} to ${(high * 100).toFixed(1)})`

/** In points of 0 to 100, with its sign: `+1.2 (-0.3 to +2.6)`. */
export const pointsWithin = ({ value, low, high }: Estimate): string =>
  `${points(value)} (${points(low)} to ${points(high)})`

export const points = (difference: number): string => {
  const rounded = (difference * 100).toFixed(1)
  return rounded === '-0.0' ? '0.0' : difference > 0 ? `+${rounded}` : rounded
}

/** `0.034`, or `below 0.001`. */
export const probability = (p: number): string => (p < 0.001 ? 'below 0.001' : p.toFixed(3))

/** `1,234` */
export const count = (number: number): string => number.toLocaleString('en-US')

const widest = 40

/** One line, no control characters, no longer than a column: labels come from files. */
export function shorten(label: string): string {
  const clean = label.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
  const letters = Array.from(clean)
  return letters.length <= widest ? clean : `${letters.slice(0, widest - 1).join('')}…`
}
