import { hashText, hashUnit, mix } from './hashing.js'
import type { Mood, Token } from './tokens.js'

/**
 * The blocks of features; each has a fixed share of the vector.
 * - words: single words and pairs of words
 * - characters: n-grams inside words
 * - sentences: words by the kind of their sentence, how a sentence begins ("can you" asks, "you can" doesn't), and the
 *   words of the last sentence, in which many people say what they want
 * - facts: what the words don't say, such as an amount's size or that a mail is a reply
 */
export const blocks = ['words', 'characters', 'sentences', 'facts'] as const
export type Block = (typeof blocks)[number]

/**
 * The kinds of features: their block, and whether they come from a number. An unknown word weakens what the other
 * words of a text say; an unknown amount or date doesn't.
 */
export const kinds = [
  { block: 'words', isOfNumber: false },
  { block: 'characters', isOfNumber: false },
  { block: 'sentences', isOfNumber: false },
  { block: 'facts', isOfNumber: false },
  { block: 'words', isOfNumber: true },
  { block: 'characters', isOfNumber: true },
] as const satisfies readonly { readonly block: Block; readonly isOfNumber: boolean }[]
/** Positions in `kinds`. Numbers come last: a feature of both a word and a number counts as the word's. */
const [words, characters, sentences, facts, wordsOfNumber, charactersOfNumber] = [0, 1, 2, 3, 4, 5]

/** What is classified: its tokens, and named facts beside them. */
export interface Document {
  readonly tokens: readonly Token[]
  readonly facts: readonly string[]
  /** Whether the document has the block of sentences. */
  readonly looksAtSentences: boolean
}

/**
 * Called once for each occurrence of a feature, with the position of its kind in `kinds`, its hash (unsigned, 32 bits),
 * and its first and last token (-1 for a fact).
 */
export type FeatureVisitor = (kind: number, hash: number, first: number, last: number) => void

/**
 * Visits all features of a document, hashed (Weinberger et al., "Feature Hashing", ICML 2009). A model knows those that
 * it saw in training.
 */
export function visitFeatures(document: Document, visit: FeatureVisitor): void {
  const { tokens, looksAtSentences } = document
  const lastSentence = looksAtSentences ? findLastSentence(tokens) : tokens.length
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index]
    if (token === undefined) continue
    const next = tokens[index + 1]
    visitWord(token, next, index, visit)
    if (looksAtSentences) visitSentence(token, next, index, visit)
    if (index >= lastSentence)
      visit(sentences, mix(hashText(seeds.last, token.word.folded)), index, index)
  }
  for (const fact of document.facts) visit(facts, mix(hashText(seeds.fact, fact)), -1, -1)
}

/** Gives the position of the first token of the last sentence. */
function findLastSentence(tokens: readonly Token[]): number {
  return Math.max(
    0,
    tokens.findLastIndex((token) => token.startsSentence),
  )
}

function visitWord(
  { word }: Token,
  next: Token | undefined,
  index: number,
  visit: FeatureVisitor,
): void {
  const [whole, parts] = word.isWord ? [words, characters] : [wordsOfNumber, charactersOfNumber]
  visit(words, mix(word.hash), index, index)
  if (word.exact !== undefined) visit(whole, word.exact, index, index)
  if (next) {
    visit(words, mix(hashText(hashUnit(word.hash, 0x20), next.word.folded)), index, index + 1)
  }
  const { grams } = word
  for (let at = 0; at < grams.length; at++) visit(parts, grams[at] ?? 0, index, index)
}

function visitSentence(
  { word, mood, startsSentence }: Token,
  next: Token | undefined,
  index: number,
  visit: FeatureVisitor,
): void {
  visit(sentences, mix(hashText(seeds[mood], word.folded)), index, index)
  if (!startsSentence) return
  const opening = hashText(seeds.opening, word.folded)
  visit(sentences, mix(opening), index, index)
  if (!next || next.startsSentence) return
  visit(sentences, mix(hashText(hashUnit(opening, 0x20), next.word.folded)), index, index + 1)
}

/** Where the hash of each kind of feature starts; see words.ts. */
const seeds = {
  opening: 0x510e527f,
  last: 0x7137449f,
  statement: 0x1f83d9ab,
  question: 0x5be0cd19,
  exclamation: 0x6a09e667,
  fact: 0x428a2f98,
} as const satisfies Record<Mood | 'opening' | 'last' | 'fact', number>

/** The distinct features of a document, in the order of their first occurrence. */
export interface FeatureCounts {
  readonly hashes: Uint32Array
  /** Occurrences, 65,535 at most. */
  readonly counts: Uint16Array
  /** Places in `kinds`. */
  readonly kinds: Uint8Array
  /** The last sentence that it occurs in, from 0 to `lateSentence`; `lateSentence` for facts and without sentences. */
  readonly sentences: Uint8Array
}

/** From this sentence on a mail's sentences count alike. */
export const lateSentence = 15

const maxCount = 0xffff
let room = 4096
let slots = new Int32Array(2 * room)
let hashes = new Uint32Array(room)
let counts = new Uint16Array(room)
let kindAt = new Uint8Array(room)
let latest = new Uint8Array(room)

/** Counts the features of a document. The table for counting is kept between calls: making one takes half the time. */
export function countFeatures(document: Document): FeatureCounts {
  const { tokens, looksAtSentences } = document
  let found = 0
  let sentence = -1
  let seen = 0
  visitFeatures(document, (kind, hash, first) => {
    for (; looksAtSentences && seen <= first; seen++) {
      if (tokens[seen]?.startsSentence === true) sentence++
    }
    const at = looksAtSentences && first >= 0 ? Math.min(lateSentence, sentence) : lateSentence
    const mask = slots.length - 1
    let slot = hash & mask
    for (let place = slots[slot] ?? 0; place > 0; place = slots[slot] ?? 0) {
      if (hashes[place - 1] === hash) {
        counts[place - 1] = Math.min(maxCount, (counts[place - 1] ?? 0) + 1)
        latest[place - 1] = at
        kindAt[place - 1] = Math.min(kindAt[place - 1] ?? 0, kind)
        return
      }
      slot = (slot + 1) & mask
    }
    hashes[found] = hash
    counts[found] = 1
    kindAt[found] = kind
    latest[found] = at
    slots[slot] = ++found
    if (found === room) grow()
  })
  const result = {
    hashes: hashes.slice(0, found),
    counts: counts.slice(0, found),
    kinds: kindAt.slice(0, found),
    sentences: latest.slice(0, found),
  }
  clear(found)
  return result
}

function grow(): void {
  room *= 2
  const [oldHashes, oldCounts, oldKinds, oldLatest] = [hashes, counts, kindAt, latest]
  slots = new Int32Array(2 * room)
  hashes = new Uint32Array(room)
  counts = new Uint16Array(room)
  kindAt = new Uint8Array(room)
  latest = new Uint8Array(room)
  hashes.set(oldHashes)
  counts.set(oldCounts)
  kindAt.set(oldKinds)
  latest.set(oldLatest)
  oldHashes.forEach((hash, place) => {
    let slot = hash & (slots.length - 1)
    while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1)
    slots[slot] = place + 1
  })
}

/** A short text takes few slots of a large table: only those are emptied. */
function clear(found: number): void {
  if (found * 16 > slots.length) {
    slots.fill(0)
    return
  }
  const mask = slots.length - 1
  for (let place = 0; place < found; place++) {
    // All slots that follow without a gap were taken by this text.
    for (let slot = (hashes[place] ?? 0) & mask; slots[slot] !== 0; slot = (slot + 1) & mask)
      slots[slot] = 0
  }
}
