import { hashText, hashUnit, mix } from './hashing.js'
import type { Mood, Token } from './tokens.js'

const shortestGram = 2
const longestGram = 5

/**
 * Words with their pairs; characters inside words; words by the kind of sentence they stand in and how
 * a sentence begins, for "can you" asks and "you can" doesn't; facts that a text doesn't say in words, such
 * as an amount's size or that a mail is a reply. Each is weighed as a whole of its own.
 */
export const blocks = ['words', 'characters', 'sentences', 'facts'] as const
export type Block = (typeof blocks)[number]
const [words, characters, sentences, facts] = [0, 1, 2, 3] as const

/** What is classified: its tokens, and named facts beside them. */
export interface Document {
  readonly tokens: readonly Token[]
  readonly facts: readonly string[]
}

/**
 * Called once for each occurrence of a feature: the place of its block in `blocks`, its hash (unsigned, 32
 * bits), and the first and last token it stands on, -1 for a fact.
 */
export type FeatureVisitor = (block: number, hash: number, first: number, last: number) => void

/**
 * Visits all features of a document, hashed (Weinberger et al., "Feature Hashing", ICML 2009), of which a
 * model knows those it saw in training.
 */
export function visitFeatures(document: Document, visit: FeatureVisitor): void {
  const { tokens } = document
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index]
    if (token !== undefined) visitToken(token, tokens[index + 1], index, visit)
  }
  for (const fact of document.facts) visit(facts, mix(hashText(seeds.fact, fact)), -1, -1)
}

function visitToken(
  token: Token,
  next: Token | undefined,
  index: number,
  visit: FeatureVisitor,
): void {
  const word = hashText(seeds.word, token.folded)
  visit(words, mix(word), index, index)
  if (token.word !== token.folded) {
    visit(words, mix(hashText(seeds.accented, token.word)), index, index)
  }
  if (next) visit(words, mix(hashText(hashUnit(word, 0x20), next.folded)), index, index + 1)
  if (token.isWord) visitGrams(token.folded, index, visit)
  visit(sentences, mix(hashText(seeds[token.mood], token.folded)), index, index)
  if (!token.startsSentence) return
  const opening = hashText(seeds.opening, token.folded)
  visit(sentences, mix(opening), index, index)
  if (!next || next.startsSentence) return
  visit(sentences, mix(hashText(hashUnit(opening, 0x20), next.folded)), index, index + 1)
}

function visitGrams(word: string, index: number, visit: FeatureVisitor): void {
  const last = word.length + 1
  for (let start = 0; start < last; start++) {
    let hash: number = seeds.gram
    const end = Math.min(last, start + longestGram - 1)
    for (let at = start; at <= end; at++) {
      // The word stands between blanks, which mark its ends.
      hash = hashUnit(hash, at === 0 || at === last ? 0x20 : word.charCodeAt(at - 1))
      if (at - start + 1 >= shortestGram) visit(characters, mix(hash), index, index)
    }
  }
}

/** FNV-1a starts elsewhere for each kind of feature, so that no two kinds share a hash but by chance. */
const seeds = {
  word: 0x811c9dc5,
  accented: 0x2b7e1516,
  gram: 0x3c6ef372,
  opening: 0x510e527f,
  statement: 0x1f83d9ab,
  question: 0x5be0cd19,
  exclamation: 0x6a09e667,
  fact: 0x428a2f98,
} as const satisfies Record<Mood | 'word' | 'accented' | 'gram' | 'opening' | 'fact', number>

/** The distinct features of a document, in the order of their first occurrence. */
export interface FeatureCounts {
  readonly hashes: Uint32Array
  /** Occurrences, 65,535 at most. */
  readonly counts: Uint16Array
  /** Places in `blocks`. */
  readonly blocks: Uint8Array
}

const mostCounted = 0xffff
let room = 4096
let slots = new Int32Array(2 * room)
let hashes = new Uint32Array(room)
let counts = new Uint16Array(room)
let places = new Uint8Array(room)

/** Counts the features of a document. The table it counts in is kept from call to call: making one is half the time. */
export function countFeatures(document: Document): FeatureCounts {
  let found = 0
  visitFeatures(document, (block, hash) => {
    const mask = slots.length - 1
    let slot = hash & mask
    for (let place = slots[slot] ?? 0; place > 0; place = slots[slot] ?? 0) {
      if (hashes[place - 1] === hash) {
        counts[place - 1] = Math.min(mostCounted, (counts[place - 1] ?? 0) + 1)
        return
      }
      slot = (slot + 1) & mask
    }
    hashes[found] = hash
    counts[found] = 1
    places[found] = block
    slots[slot] = ++found
    if (found === room) grow()
  })
  const result = {
    hashes: hashes.slice(0, found),
    counts: counts.slice(0, found),
    blocks: places.slice(0, found),
  }
  clear(found)
  return result
}

function grow(): void {
  room *= 2
  const [oldHashes, oldCounts, oldPlaces] = [hashes, counts, places]
  slots = new Int32Array(2 * room)
  hashes = new Uint32Array(room)
  counts = new Uint16Array(room)
  places = new Uint8Array(room)
  hashes.set(oldHashes)
  counts.set(oldCounts)
  places.set(oldPlaces)
  oldHashes.forEach((hash, place) => {
    let slot = hash & (slots.length - 1)
    while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1)
    slots[slot] = place + 1
  })
}

/** Few of a large table's slots are taken by a short text: it empties just those. */
function clear(found: number): void {
  if (found * 16 > slots.length) {
    slots.fill(0)
    return
  }
  const mask = slots.length - 1
  for (let place = 0; place < found; place++) {
    // All on the run of taken slots from the hash on are of this text.
    for (let slot = (hashes[place] ?? 0) & mask; slots[slot] !== 0; slot = (slot + 1) & mask)
      slots[slot] = 0
  }
}
