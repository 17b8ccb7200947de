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
