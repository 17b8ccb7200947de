import { blocks, visitFeatures, type FeatureCounts } from './features.js'
import { weightOf, type LinearModel } from './linear-model.js'
import type { Token } from './tokens.js'
import type { TextVector } from './vocabulary.js'

export interface ExplainedFeature {
  /** A word, mark or address as the mail writes it. */
  readonly feature: string
  /** Log-odds that it added to the category given (positive) or took from it (negative). */
  readonly weight: number
}

export interface ExplainInput {
  readonly tokens: readonly Token[]
  readonly counts: FeatureCounts
  readonly vector: TextVector
  /** Of two labels. */
  readonly model: LinearModel
  /** The label explained: 0 or 1. */
  readonly label: number
}

const mostFeatures = 8

/**
 * Says which words of a text spoke for a label and which against it, the weightiest first. The score
 * of a linear model is a sum over n-grams: each word is credited with those inside it and its share of
 * those that it is part of, so nothing is estimated.
 */
export function explain(input: ExplainInput): readonly ExplainedFeature[] {
  const { tokens } = input
  const effects = effectOfBuckets(input)
  const effectOfToken = new Float64Array(tokens.length)
  visitFeatures(tokens, (_, bucket, first, last) => {
    const half = (effects.get(bucket) ?? 0) / 2
    effectOfToken[first] = (effectOfToken[first] ?? 0) + half
    effectOfToken[last] = (effectOfToken[last] ?? 0) + half
  })
  const words = new Map<string, ExplainedFeature>()
  tokens.forEach(({ folded, surface }, index) => {
    const { feature, weight } = words.get(folded) ?? { feature: surface, weight: 0 }
    words.set(folded, { feature, weight: weight + (effectOfToken[index] ?? 0) })
  })
  return [...words.values()]
    .map(({ feature, weight }) => ({ feature, weight: Math.round(weight * 1e4) / 1e4 }))
    .filter(({ weight }) => weight !== 0)
    .toSorted((left, right) => Math.abs(right.weight) - Math.abs(left.weight))
    .slice(0, mostFeatures)
}

/** What one occurrence of each known bucket adds to the score of the label over the other's. */
function effectOfBuckets({ counts, vector, model, label }: ExplainInput): Map<number, number> {
  const effects = new Map<number, number>()
  vector.rows.forEach((row, at) => {
    const bucket = model.vocabulary.buckets[row] ?? 0
    const lead = weightOf(model, row, label) - weightOf(model, row, 1 - label)
    effects.set(bucket, (effects.get(bucket) ?? 0) + lead * (vector.values[at] ?? 0))
  })
  for (const [bucket, effect] of effects) {
    const occurrences = blocks.reduce((sum, block) => sum + (counts[block].get(bucket) ?? 0), 0)
    effects.set(bucket, effect / occurrences)
  }
  return effects
}
