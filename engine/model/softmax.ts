/**
 * Turns scores into probabilities that sum to 1. A higher temperature makes them more alike.
 * @param noneScore the score of "none of them", which takes a part of the 1; left out where there is none
 */
export function softmax(
  scores: ArrayLike<number>,
  temperature = 1,
  noneScore = -Infinity,
): Float64Array {
  const powers = new Float64Array(scores.length)
  let highest = noneScore
  for (let at = 0; at < scores.length; at++) highest = Math.max(highest, scores[at] ?? 0)
  let sum = Math.exp((noneScore - highest) / temperature)
  for (let at = 0; at < scores.length; at++) {
    const power = Math.exp(((scores[at] ?? 0) - highest) / temperature)
    powers[at] = power
    sum += power
  }
  for (let at = 0; at < powers.length; at++) powers[at] = (powers[at] ?? 0) / sum
  return powers
}

/** The logarithm of the sum of the powers of e, also where those are too large for a number. */
export function logSumExp(exponents: ArrayLike<number>): number {
  let highest = -Infinity
  for (let at = 0; at < exponents.length; at++) highest = Math.max(highest, exponents[at] ?? 0)
  let sum = 0
  for (let at = 0; at < exponents.length; at++) sum += Math.exp((exponents[at] ?? 0) - highest)
  return highest + Math.log(sum)
}

/** Gives the position of the highest value, the first of equals. */
export function indexOfHighest(values: ArrayLike<number>): number {
  let best = 0
  for (let at = 1; at < values.length; at++)
    if ((values[at] ?? 0) > (values[best] ?? -Infinity)) best = at
  return best
}
