/**
 * Gives a generator of whole numbers from 0 to 2³² − 1: mulberry32 (Tommy Ettinger, 2017, public domain).
 * The same seed gives the same numbers everywhere, so that an evaluation printed twice is the same twice.
 */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
}
