/**
 * How many strangers are turned away by the bar that turns away a share of one's own: below it, never at it,
 * so that ties let in rather than keep out.
 * @param own how sure a model is of texts that belong to a class, @param strangers of those that belong to none
 */
export function countRejected(
  own: readonly number[],
  strangers: readonly number[],
  share: number,
): number {
  const bar = own.toSorted((left, right) => left - right)[Math.floor(share * own.length)]
  return bar === undefined ? 0 : strangers.filter((one) => one < bar).length
}
