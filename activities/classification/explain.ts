import { visitFeatures, type Document, type FeatureCounts } from './features.js'
import { weightOf, type Head } from './linear-model.js'
import type { Vocabulary, TextVector } from './vocabulary.js'

export interface ExplainedFeature {
  /** A word or a pair of words as the text writes them, a mark, or a fact in brackets. */
  readonly feature: string
  /** Log-odds that it added to what was decided (positive) or took from it (negative). */
  readonly weight: number
}

export interface ExplainInput {
  readonly document: Document
  readonly counts: FeatureCounts
  readonly vector: TextVector
  readonly vocabulary: Vocabulary
  readonly head: Head
  /** For each label of the head, how much its score weighs in the log-odds of what was decided. */
  readonly slopes: Float64Array
}

const mostFeatures = 8

/**
 * Says what of a text spoke for a decision and what against it, the weightiest first. The scores of a linear
 * model are sums over n-grams: a word is credited with those inside it and a pair with its own, so nothing is
 * estimated but the slopes, which are those of the softmax at this text.
 */
export function explain(input: ExplainInput): readonly ExplainedFeature[] {
  const { document } = input
  const effects = effectOfHashes(input)
  const credited = new Map<string, ExplainedFeature>()
  const credit = (key: string, feature: string, effect: number) => {
    const { weight } = credited.get(key) ?? { weight: 0 }
    credited.set(key, { feature: credited.get(key)?.feature ?? feature, weight: weight + effect })
  }
  let fact = 0
  visitFeatures(document, (_, hash, first, last) => {
    const effect = effects.get(hash) ?? 0
    const [from, to] = [document.tokens[first]?.word, document.tokens[last]?.word]
    if (from === undefined || to === undefined) {
      const name = `[${document.facts[fact++] ?? ''}]`
      credit(name, name, effect)
    } else if (first === last) credit(from.folded, from.surface, effect)
    else credit(`${from.folded} ${to.folded}`, `${from.surface} ${to.surface}`, effect)
  })
  return [...credited.values()]
    .map(({ feature, weight }) => ({ feature, weight: Math.round(weight * 1e4) / 1e4 }))
    .filter(({ weight }) => weight !== 0)
    .toSorted((left, right) => Math.abs(right.weight) - Math.abs(left.weight))
    .slice(0, mostFeatures)
}

/** What one occurrence of each known feature adds to the log-odds. */
function effectOfHashes(input: ExplainInput): ReadonlyMap<number, number> {
  const { counts, vector, vocabulary, head, slopes } = input
  const occurrences = new Map<number, number>()
  counts.hashes.forEach((hash, at) => occurrences.set(hash, counts.counts[at] ?? 1))
  const effects = new Map<number, number>()
  vector.rows.forEach((row, at) => {
    const hash = vocabulary.hashes[row] ?? 0
    let lead = 0
    slopes.forEach((slope, label) => (lead += slope * weightOf(head, row, label)))
    effects.set(hash, (lead * (vector.values[at] ?? 0)) / (occurrences.get(hash) ?? 1))
  })
  return effects
}
