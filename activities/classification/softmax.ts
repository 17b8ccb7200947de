/** Turns scores into probabilities that sum to 1; a higher temperature makes them more alike. */
export function softmax(scores: readonly number[], temperature = 1): number[] {
  const highest = Math.max(...scores)
  const powers = scores.map((score) => Math.exp((score - highest) / temperature))
  const sum = powers.reduce((total, power) => total + power, 0)
  return powers.map((power) => power / sum)
}

/** Gives the position of the highest value, the first of equals. */
export function indexOfHighest(values: readonly number[]): number {
  return values.reduce(
    (best, value, index) => (value > (values[best] ?? -Infinity) ? index : best),
    0,
  )
}
