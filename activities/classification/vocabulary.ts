import { blocks, hashBits, type Block, type FeatureCounts } from './features.js'

/** How much of a text's squared length each block has; chosen by cross-validation. */
const blockShares = { words: 0.4, characters: 0.4, sentences: 0.2 } as const satisfies Record<
  Block,
  number
>

/** Which buckets a model knows, and how rare each was in what it learned from. */
export interface Vocabulary {
  /** Texts it was counted in. */
  readonly texts: number
  /** Ascending; the position of a bucket is its row. */
  readonly buckets: Uint32Array
  /** For each row, how many texts had it. */
  readonly documentCounts: Uint32Array
}

/** A text as a vector of length 1, of which only the rows that the vocabulary knows are kept. */
export interface TextVector {
  readonly rows: Int32Array
  readonly values: Float32Array
  /** The share of the squared length that lies in known rows, 0 (nothing known) to 1. */
  readonly familiarity: number
}

export type Vectorizer = (counts: FeatureCounts) => TextVector

/** Counts in how many texts each bucket occurs, and keeps those that occur in `atLeast` or more. */
export function buildVocabulary(texts: readonly FeatureCounts[], atLeast: number): Vocabulary {
  const counts = new Uint32Array(2 ** hashBits)
  for (const text of texts) {
    const seen = new Set<number>()
    for (const block of blocks) for (const bucket of text[block].keys()) seen.add(bucket)
    for (const bucket of seen) counts[bucket] = (counts[bucket] ?? 0) + 1
  }
  const buckets: number[] = []
  counts.forEach((count, bucket) => {
    if (count >= atLeast) buckets.push(bucket)
  })
  return {
    texts: texts.length,
    buckets: Uint32Array.from(buckets),
    documentCounts: Uint32Array.from(buckets, (bucket) => counts[bucket] ?? 0),
  }
}

/**
 * Gives the function that turns counts into a vector: sublinear TF-IDF, each block of its fixed length
 * before they are joined (Manning, Raghavan, Schütze, "Introduction to Information Retrieval", 6.4).
 * A feature that was never seen counts in the length with the rarest weight, so that a text full of
 * unknown words has small scores and an honest confidence.
 */
export function createVectorizer(vocabulary: Vocabulary): Vectorizer {
  const rowOfBucket = new Int32Array(2 ** hashBits).fill(-1)
  vocabulary.buckets.forEach((bucket, row) => {
    rowOfBucket[bucket] = row
  })
  const rarity = (documents: number) => Math.log((1 + vocabulary.texts) / (1 + documents)) + 1
  const idf = Float32Array.from(vocabulary.documentCounts, rarity)
  return (counts) => vectorize(counts, { rowOfBucket, idf, idfUnseen: rarity(0) })
}

interface Rarities {
  readonly rowOfBucket: Int32Array
  readonly idf: Float32Array
  readonly idfUnseen: number
}

function vectorize(counts: FeatureCounts, { rowOfBucket, idf, idfUnseen }: Rarities): TextVector {
  const rows: number[] = []
  const values: number[] = []
  let familiarity = 0
  for (const block of blocks) {
    const start = rows.length
    let total = 0
    let known = 0
    for (const [bucket, count] of counts[block]) {
      const row = rowOfBucket[bucket] ?? -1
      const value = (1 + Math.log(count)) * (row < 0 ? idfUnseen : (idf[row] ?? idfUnseen))
      total += value * value
      if (row < 0) continue
      known += value * value
      rows.push(row)
      values.push(value)
    }
    if (total === 0) continue
    familiarity += (blockShares[block] * known) / total
    const scale = Math.sqrt(blockShares[block] / total)
    for (let at = start; at < values.length; at++) values[at] = (values[at] ?? 0) * scale
  }
  return { rows: Int32Array.from(rows), values: Float32Array.from(values), familiarity }
}
