/**
 * Gives the share of out-of-scope texts that a bar rejects, where that bar rejects a given share of the in-scope texts.
 * Only a confidence below the bar is rejected, so that ties are accepted.
 * @param own the confidences of in-scope texts @param outOfScope the confidences of out-of-scope texts
 */
export function countRejected(
  own: readonly number[],
  outOfScope: readonly number[],
  share: number,
): number {
  const bar = own.toSorted((left, right) => left - right)[Math.floor(share * own.length)]
  return bar === undefined ? 0 : outOfScope.filter((one) => one < bar).length
}
