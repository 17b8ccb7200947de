import { hashText, hashUnit, mix } from './hashing.js'

/** A word is cut to this length: only encoded data is longer. */
const maxWordLength = 30
/** How much of a run of characters is searched for an address. */
const maxAddressLength = 200
const minGram = 2
const maxGram = 5

const wordOrMark =
  /[\p{L}\p{N}][\p{L}\p{M}\p{N}]*(?:['’]\p{L}+)*|[?!%$€]|\p{Extended_Pictographic}/gu

/** A word, number, mark or placeholder, with all that depends on it alone. */
export interface Word {
  /** As the text writes it. */
  readonly surface: string
  /** Lower case, no accents, each run of digits a `0`: as people write in a hurry. */
  readonly folded: string
  /** Has letters; marks, numbers and placeholders haven't. */
  readonly isWord: boolean
  /** FNV-1a of the folded word, not yet mixed, so that it can be continued. */
  readonly hash: number
  /** The feature of the word with its accents and digits, where it has any. */
  readonly exact: number | undefined
  /** The features of the n-grams of characters of words and numbers, digits kept, in their order. */
  readonly grams: Uint32Array
}

/** FNV-1a starts elsewhere for each kind of feature, so that no two kinds share a hash but by chance. */
const seeds = { word: 0x811c9dc5, exact: 0x2b7e1516, gram: 0x3c6ef372 } as const

/** Longer runs of characters seldom come twice. */
const maxKnownLength = 24
const maxKnown = 20_000
const known = new Map<string, readonly Word[]>()

/**
 * Gives the words of a run of characters without blanks. Few runs make up most of what people write, so the last ones
 * are remembered.
 */
export function readWords(run: string): readonly Word[] {
  if (run.length > maxKnownLength) return takeApart(run)
  const remembered = known.get(run)
  if (remembered !== undefined) return remembered
  if (known.size === maxKnown) known.clear()
  // A copy, because a slice would keep its whole text in memory.
  const copy = Buffer.from(run, 'utf16le').toString('utf16le')
  const words = takeApart(copy)
  known.set(copy, words)
  return words
}

function takeApart(run: string): Word[] {
  const placeholder = findPlaceholder(run)
  if (placeholder === undefined) return (run.match(wordOrMark) ?? []).map(toWord)
  const surface = run.slice(0, maxWordLength)
  return [describeWord({ surface, exact: placeholder, plain: placeholder, hasGrams: false })]
}

function findPlaceholder(run: string): string | undefined {
  if (!/[.:@]/u.test(run)) return undefined
  const start = run.slice(0, maxAddressLength).toLowerCase()
  if (/^[^\p{L}]*(?:https?:\/\/|www\.)/u.test(start)) return '<url>'
  return /^[^@]+@[^@.]+\.[^@]+$/u.test(start) ? '<email>' : undefined
}

function toWord(match: string): Word {
  const surface = match.slice(0, maxWordLength)
  const exact = surface.toLowerCase().replaceAll('’', "'")
  const plain = exact.normalize('NFD').replace(/\p{M}+/gu, '')
  return describeWord({ surface, exact, plain, hasGrams: /[\p{L}\p{N}]/u.test(plain) })
}

/** @param input.plain without accents */
function describeWord(input: {
  readonly surface: string
  readonly exact: string
  readonly plain: string
  readonly hasGrams: boolean
}): Word {
  const { surface, exact, plain, hasGrams } = input
  const folded = plain.replace(/\p{N}+/gu, '0')
  return {
    surface,
    folded,
    isWord: hasGrams && /\p{L}/u.test(folded),
    hash: hashText(seeds.word, folded),
    exact: exact === folded ? undefined : mix(hashText(seeds.exact, exact)),
    grams: hasGrams ? hashGrams(plain) : noGrams,
  }
}

const noGrams = new Uint32Array(0)

/** Hashes the n-grams of a word between two blanks, which mark its ends. */
function hashGrams(word: string): Uint32Array {
  const grams: number[] = []
  const last = word.length + 1
  for (let start = 0; start < last; start++) {
    let hash: number = seeds.gram
    const end = Math.min(last, start + maxGram - 1)
    for (let at = start; at <= end; at++) {
      hash = hashUnit(hash, at === 0 || at === last ? 0x20 : word.charCodeAt(at - 1))
      if (at - start + 1 >= minGram) grams.push(mix(hash))
    }
  }
  return Uint32Array.from(grams)
}
