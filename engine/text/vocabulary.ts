import { type FeatureCounts, lateSentence } from './count-features.js'
import { type Block, blocks, kinds } from './features.js'
import { createHashIndex } from './hash-index.js'

/** Which features a model knows, and how rare each was in what it learned from. */
export interface Vocabulary {
  /** Texts it was counted in. */
  readonly texts: number
  /** The most frequent first, so that what is often read lies together. The position of a hash is its row. */
  readonly hashes: Uint32Array
  /** For each row, how many texts had it. */
  readonly documentCounts: Uint32Array
}

/** The share of each block in a text's squared length. */
export type BlockShares = Readonly<Record<Block, number>>

/** A text as a vector, with only the rows that the vocabulary knows. */
export interface TextVector {
  readonly rows: Int32Array
  readonly values: Float32Array
  /** The known share of all features, weighted by their squares, 0 (nothing) to 1. */
  readonly familiarity: number
}

export type Vectorizer = (counts: FeatureCounts) => TextVector

/** Counts in how many texts each feature occurs, and keeps those that occur in `atLeast` or more. */
export function buildVocabulary(texts: readonly FeatureCounts[], atLeast: number): Vocabulary {
  const all = new Uint32Array(texts.reduce((sum, { hashes }) => sum + hashes.length, 0))
  let end = 0
  for (const { hashes } of texts) {
    all.set(hashes, end)
    end += hashes.length
  }
  all.sort()
  /** How many texts lack a feature, then its hash, in the 53 bits of a number: enough for two million texts. */
  const keys = new Float64Array(all.length)
  let rows = 0
  for (let start = 0; start < all.length;) {
    let next = start + 1
    while (next < all.length && all[next] === all[start]) next++
    const count = next - start
    if (count >= atLeast) keys[rows++] = (texts.length - count) * hashRange + (all[start] ?? 0)
    start = next
  }
  const sorted = keys.subarray(0, rows).sort()
  return {
    texts: texts.length,
    hashes: Uint32Array.from(sorted, (key) => key % hashRange),
    documentCounts: Uint32Array.from(sorted, (key) => texts.length - Math.floor(key / hashRange)),
  }
}

const hashRange = 2 ** 32

/**
 * Gives the function that turns counts into a vector: sublinear TF-IDF, each block of its fixed length
 * before they are joined (Manning, Raghavan, Schütze, "Introduction to Information Retrieval", 6.4).
 * An unknown feature of a word counts in the length with the weight of the rarest, so that a text full of unknown words
 * has small scores and an honest confidence. An unknown feature of a number doesn't: where each text has an amount and
 * a date of its own, they would outweigh the words. It makes a text less familiar all the same.
 */
export function createVectorizer(vocabulary: Vocabulary, shares: BlockShares): Vectorizer {
  const find = createHashIndex(vocabulary.hashes)
  const rarity = (documents: number) => Math.log((1 + vocabulary.texts) / (1 + documents)) + 1
  const idf = new Float32Array(vocabulary.documentCounts.length)
  vocabulary.documentCounts.forEach((documents, row) => {
    // Rows with the same count lie together: the logarithm is taken once for each count.
    const isAsBefore = row > 0 && documents === vocabulary.documentCounts[row - 1]
    idf[row] = isAsBefore ? (idf[row - 1] ?? 0) : rarity(documents)
  })
  const idfUnseen = rarity(0)
  const shareOf = blocks.map((block) => shares[block])
  return (counts) => vectorize(counts, find, idf, idfUnseen, shareOf)
}

/** The weights of small counts, taken once. */
const sublinear = Float64Array.from({ length: 256 }, (_, count) => 1 + Math.log(Math.max(1, count)))

/**
 * Early sentences weigh less, because people greet, thank and tell before they come to the point: 0.4 of the weight of
 * late ones, then 0.64, 0.78… (chosen by cross-validation; a subject line is the first sentence, and a higher weight
 * for it was worse). In a text of one sentence this changes nothing.
 */
const weightOfSentence = Float64Array.from({ length: lateSentence + 1 }, (_, sentence) =>
  sentence < lateSentence ? 1 - 0.6 * 0.6 ** sentence : 1,
)

const blockOfKind = Uint8Array.from(kinds, ({ block }) => blocks.indexOf(block))
const isKindOfNumber = Uint8Array.from(kinds, ({ isOfNumber }) => Number(isOfNumber))

function vectorize(
  { hashes, counts, kinds: kindAt, sentences }: FeatureCounts,
  find: (hash: number) => number,
  idf: Float32Array,
  idfUnseen: number,
  shareOf: readonly number[],
): TextVector {
  const rows = new Int32Array(hashes.length)
  const values = new Float32Array(hashes.length)
  const blockAt = new Uint8Array(hashes.length)
  const length = new Float64Array(shareOf.length)
  const total = new Float64Array(shareOf.length)
  const known = new Float64Array(shareOf.length)
  let end = 0
  for (let at = 0; at < hashes.length; at++) {
    const count = counts[at] ?? 0
    const kind = kindAt[at] ?? 0
    const block = blockOfKind[kind] ?? 0
    const row = find(hashes[at] ?? 0)
    const frequency = count < 256 ? (sublinear[count] ?? 0) : 1 + Math.log(count)
    const weight = frequency * (weightOfSentence[sentences[at] ?? 0] ?? 1)
    const value = weight * (row < 0 ? idfUnseen : (idf[row] ?? 0))
    total[block] = (total[block] ?? 0) + value * value
    if (row < 0 && isKindOfNumber[kind] === 1) continue
    length[block] = (length[block] ?? 0) + value * value
    if (row < 0 || shareOf[block] === 0) continue
    known[block] = (known[block] ?? 0) + value * value
    rows[end] = row
    values[end] = value
    blockAt[end++] = block
  }
  const scales = new Float64Array(shareOf.length)
  for (let block = 0; block < scales.length; block++) {
    const square = length[block] ?? 0
    scales[block] = square === 0 ? 0 : Math.sqrt((shareOf[block] ?? 0) / square)
  }
  for (let at = 0; at < end; at++) values[at] = (values[at] ?? 0) * (scales[blockAt[at] ?? 0] ?? 0)
  return {
    rows: rows.subarray(0, end),
    values: values.subarray(0, end),
    familiarity: shareKnown(known, total, shareOf),
  }
}

/** Gives the known share of a text, weighted by the shares of the blocks that it has. */
function shareKnown(known: Float64Array, total: Float64Array, shareOf: readonly number[]): number {
  let sum = 0
  let present = 0
  for (let block = 0; block < total.length; block++) {
    const length = total[block] ?? 0
    if (length === 0) continue
    const share = shareOf[block] ?? 0
    present += share
    sum += (share * (known[block] ?? 0)) / length
  }
  return present === 0 ? 0 : sum / present
}
