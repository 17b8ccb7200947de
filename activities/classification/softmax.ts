/** Turns scores into probabilities that sum to 1; a higher temperature makes them more alike. */
export function softmax(scores: ArrayLike<number>, temperature = 1): Float64Array {
  const powers = new Float64Array(scores.length)
  let highest = -Infinity
  for (let at = 0; at < scores.length; at++) highest = Math.max(highest, scores[at] ?? 0)
  let sum = 0
  for (let at = 0; at < scores.length; at++) {
    const power = Math.exp(((scores[at] ?? 0) - highest) / temperature)
    powers[at] = power
    sum += power
  }
  for (let at = 0; at < powers.length; at++) powers[at] = (powers[at] ?? 0) / sum
  return powers
}

/** Gives the position of the highest value, the first of equals. */
export function indexOfHighest(values: ArrayLike<number>): number {
  let best = 0
  for (let at = 1; at < values.length; at++)
    if ((values[at] ?? 0) > (values[best] ?? -Infinity)) best = at
  return best
}
