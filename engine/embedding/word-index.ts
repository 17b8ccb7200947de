import { fnvStart, fnvStep } from './embedding-tokens.js'

/** Finds the position of a word in a list, by its bytes and their FNV-1a; undefined for an unknown word. */
export interface WordIndex {
  readonly size: number
  find(bytes: Uint8Array, length: number, hash: number): number | undefined
}

const newline = 0x0a

/**
 * Indexes `size` words, each ended by a newline. The text stays the only copy of the words: a table of positions with
 * open addressing takes a tenth of the memory and the time of a Map of strings.
 */
export function createWordIndex(words: Uint8Array, size: number): WordIndex {
  const starts = new Uint32Array(size + 1)
  const slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * size + 2)))
  fillIndex(words, starts, slots)
  const mask = slots.length - 1
  return {
    size,
    find: (bytes, length, hash) => {
      for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
        const word = (slots[slot] ?? 0) - 1
        if (word < 0) return undefined
        const start = starts[word] ?? 0
        if ((starts[word + 1] ?? 0) - 1 - start !== length) continue
        if (startsWith(words, start, bytes, length)) return word
      }
    },
  }
}

/** Notes where each word begins, and puts its position (from 1) into the first free slot after its hash. */
function fillIndex(words: Uint8Array, starts: Uint32Array, slots: Int32Array): void {
  const mask = slots.length - 1
  let hash = fnvStart
  let place = 0
  for (let at = 0; at < words.length; at++) {
    const byte = words[at] ?? 0
    if (byte !== newline) {
      hash = fnvStep(hash, byte)
      continue
    }
    let slot = hash & mask
    while (slots[slot] !== 0) slot = (slot + 1) & mask
    slots[slot] = ++place
    starts[place] = at + 1
    hash = fnvStart
  }
}

function startsWith(words: Uint8Array, start: number, bytes: Uint8Array, length: number): boolean {
  for (let at = 0; at < length; at++) if (words[start + at] !== bytes[at]) return false
  return true
}
