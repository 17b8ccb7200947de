import type { Mood, Token } from './tokens.js'

/** Features live in 2^20 buckets: with about 10^5 seen n-grams few share one. */
export const hashBits = 20
const bucketMask = 2 ** hashBits - 1
const shortestGram = 2
const longestGram = 5

/**
 * Words with their pairs; characters inside words; words by the kind of sentence they stand in and how
 * a sentence begins, for "can you" asks and "you can" doesn't. Each is weighed as a whole of its own.
 */
export const blocks = ['words', 'characters', 'sentences'] as const
export type Block = (typeof blocks)[number]

/** Called once for each occurrence of a feature; `first` and `last` are the tokens it stands on. */
export type FeatureVisitor = (block: Block, bucket: number, first: number, last: number) => void

/** Visits all features of a text, hashed into buckets (Weinberger et al., "Feature Hashing", 2009). */
export function visitFeatures(tokens: readonly Token[], visit: FeatureVisitor): void {
  tokens.forEach((token, index) => {
    const next = tokens[index + 1]
    visit('words', toBucket(hashText(seeds.word, token.folded)), index, index)
    if (token.word !== token.folded) {
      visit('words', toBucket(hashText(seeds.accented, token.word)), index, index)
    }
    if (next) visit('words', toBucket(hashPair(seeds.word, token, next)), index, index + 1)
    if (token.isWord) visitGrams(token.folded, index, visit)
    visit('sentences', toBucket(hashText(seeds[token.mood], token.folded)), index, index)
    if (!token.startsSentence) return
    visit('sentences', toBucket(hashText(seeds.opening, token.folded)), index, index)
    if (!next || next.startsSentence) return
    visit('sentences', toBucket(hashPair(seeds.opening, token, next)), index, index + 1)
  })
}

function visitGrams(word: string, index: number, visit: FeatureVisitor): void {
  const padded = ` ${word} `
  for (let start = 0; start < padded.length - 1; start++) {
    let hash: number = seeds.gram
    const end = Math.min(padded.length, start + longestGram)
    for (let at = start; at < end; at++) {
      hash = hashUnit(hash, padded.charCodeAt(at))
      if (at - start + 1 >= shortestGram) visit('characters', toBucket(hash), index, index)
    }
  }
}

/** FNV-1a (Fowler, Noll, Vo) starts elsewhere for each kind, so that kinds don't meet in a bucket. */
const seeds = {
  word: 0x811c9dc5,
  accented: 0x2b7e1516,
  gram: 0x3c6ef372,
  opening: 0x510e527f,
  statement: 0x1f83d9ab,
  question: 0x5be0cd19,
  exclamation: 0x6a09e667,
} as const satisfies Record<Mood | 'word' | 'accented' | 'gram' | 'opening', number>

const hashUnit = (hash: number, unit: number): number => Math.imul(hash ^ unit, 0x01000193)

function hashText(seed: number, text: string): number {
  let hash = seed
  for (let at = 0; at < text.length; at++) hash = hashUnit(hash, text.charCodeAt(at))
  return hash
}

const hashPair = (seed: number, left: Token, right: Token): number =>
  hashText(hashUnit(hashText(seed, left.folded), 0x20), right.folded)

/** The finaliser of MurmurHash3 (Appleby), because FNV's low bits alone are a poor choice of bucket. */
function toBucket(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) & bucketMask
}

/** How often each bucket occurs in a text, by block. */
export type FeatureCounts = Readonly<Record<Block, ReadonlyMap<number, number>>>

/** Counts the features of a text. */
export function countFeatures(tokens: readonly Token[]): FeatureCounts {
  const counts = {
    words: new Map<number, number>(),
    characters: new Map<number, number>(),
    sentences: new Map<number, number>(),
  }
  visitFeatures(tokens, (block, bucket) => {
    counts[block].set(bucket, (counts[block].get(bucket) ?? 0) + 1)
  })
  return counts
}
