/** Adds one code unit to a hash, by FNV-1a of 32 bits (RFC 9923). */
export const hashUnit = (hash: number, unit: number): number => Math.imul(hash ^ unit, 0x01000193)

/** Hashes a text, starting from a seed. */
export function hashText(seed: number, text: string): number {
  let hash = seed
  for (let at = 0; at < text.length; at++) hash = hashUnit(hash, text.charCodeAt(at))
  return hash
}

/** Mixes a hash by the finaliser of MurmurHash3 (Appleby), because the low bits of FNV spread badly over slots. */
export function mix(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

/** A sequence of numbers that looks random and is the same for the same seed (Steele et al., "SplitMix", 2014). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    return mix(state)
  }
}
