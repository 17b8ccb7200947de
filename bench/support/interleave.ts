/**
 * Measures two sides in turn, A B A B, so that what the machine does beside falls on both.
 *
 * @returns one measurement a round for each side
 */
export async function interleave<A, B>(
  rounds: number,
  first: (round: number) => Promise<A>,
  second: (round: number) => Promise<B>,
): Promise<{ first: A[]; second: B[] }> {
  const measured: { first: A[]; second: B[] } = { first: [], second: [] }
  for (let round = 0; round < rounds; round++) {
    measured.first.push(await first(round))
    measured.second.push(await second(round))
  }
  return measured
}
