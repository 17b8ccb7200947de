import type { FeatureCounts } from '../text/count-features.js'
import { type Document, visitFeatures } from '../text/features.js'
import { createHashIndex } from '../text/hash-index.js'
import type { Head } from './linear-model.js'
import type { Vocabulary, TextVector } from '../text/vocabulary.js'

export interface ExplainedFeature {
  /** A word or a pair of words as the text writes them, a mark, or a fact in brackets. */
  readonly feature: string
  /** Log-odds that it added to the decision (positive) or took from it (negative). */
  readonly weight: number
}

export interface ExplainInput {
  readonly document: Document
  readonly counts: FeatureCounts
  readonly vector: TextVector
  readonly vocabulary: Vocabulary
  readonly head: Head
  /** For each label of the head, how much its score weighs in the log-odds of the decision. */
  readonly slopes: Float64Array
}

const maxFeatures = 8

/**
 * Says which words of a text spoke for a decision and which against it, the strongest first. The scores of a linear
 * model are sums over features: a word gets those inside it, a pair of words its own. So nothing is estimated except
 * the slopes, which are those of the softmax at this text.
 */
export function explain(input: ExplainInput): readonly ExplainedFeature[] {
  const { document } = input
  const { tokens, facts } = document
  const effectOf = weighFeatures(input)
  const ofTokens = new Float64Array(tokens.length)
  const credited = new Map<string, { readonly feature: string; weight: number }>()
  const credit = (key: string, feature: string, effect: number) => {
    const known = credited.get(key)
    if (known === undefined) credited.set(key, { feature, weight: effect })
    else known.weight += effect
  }
  let fact = 0
  visitFeatures(document, (_, hash, first, last) => {
    const effect = effectOf(hash)
    const [from, to] = [tokens[first]?.word, tokens[last]?.word]
    if (from === undefined || to === undefined) {
      const name = `[${facts[fact++] ?? ''}]`
      credit(name, name, effect)
    } else if (first === last) ofTokens[first] = (ofTokens[first] ?? 0) + effect
    // Most pairs are unknown: joining their words would take most of the time.
    else if (effect !== 0)
      credit(`${from.folded} ${to.folded}`, `${from.surface} ${to.surface}`, effect)
  })
  tokens.forEach(({ word }, at) => credit(word.folded, word.surface, ofTokens[at] ?? 0))
  return [...credited.values()]
    .map(({ feature, weight }) => ({ feature, weight: Math.round(weight * 1e4) / 1e4 }))
    .filter(({ weight }) => weight !== 0)
    .toSorted((left, right) => Math.abs(right.weight) - Math.abs(left.weight))
    .slice(0, maxFeatures)
}

/** Gives the function that says what one occurrence of a feature adds to the log-odds; an unknown one adds 0. */
function weighFeatures(input: ExplainInput): (hash: number) => number {
  const { counts, vector, vocabulary, head, slopes } = input
  const labels = head.labels.length
  const slopeOfWeight = slopes.map((slope, label) => slope * (head.scales[label] ?? 0))
  const known = new Uint32Array(vector.rows.length)
  const effects = new Float64Array(vector.rows.length)
  let at = 0
  // The vector has the rows of the known hashes, in the same order.
  for (let place = 0; place < counts.hashes.length && at < vector.rows.length; place++) {
    const hash = counts.hashes[place] ?? 0
    const row = vector.rows[at] ?? 0
    if (vocabulary.hashes[row] !== hash) continue
    let lead = 0
    for (let label = 0; label < labels; label++)
      lead += (slopeOfWeight[label] ?? 0) * (head.weights[row * labels + label] ?? 0)
    known[at] = hash
    effects[at] = (lead * (vector.values[at] ?? 0)) / (counts.counts[place] ?? 1)
    at++
  }
  const find = createHashIndex(known)
  return (hash) => {
    const place = find(hash)
    return place < 0 ? 0 : (effects[place] ?? 0)
  }
}
