import type { FeatureCounts } from './features.js'
import { train, type TrainOptions, type Weights } from './train.js'
import {
  buildVocabulary,
  createVectorizer,
  type TextVector,
  type Vocabulary,
} from './vocabulary.js'

export interface LabelledText {
  readonly counts: FeatureCounts
  /** The position of its label. */
  readonly target: number
}

export interface FitOptions extends TrainOptions {
  /** N-grams of fewer texts than this are left out. */
  readonly rarest: number
}

export interface Fit extends Weights {
  readonly vocabulary: Vocabulary
}

/** Learns a vocabulary and weights from texts. */
export function fit(texts: readonly LabelledText[], labels: number, options: FitOptions): Fit {
  const vocabulary = buildVocabulary(
    texts.map(({ counts }) => counts),
    options.rarest,
  )
  const vectorize = createVectorizer(vocabulary)
  const set = {
    vectors: texts.map(({ counts }) => vectorize(counts)),
    targets: texts.map(({ target }) => target),
    labels,
    rows: vocabulary.buckets.length,
  }
  return { vocabulary, ...train(set, options) }
}

export interface HeldOut {
  readonly scores: readonly number[]
  readonly target: number
  readonly familiarity: number
}

/**
 * Scores each text by a fit that never saw it or its fold; in the order of the texts.
 * `foldOf` gives each text its fold, 0 and up.
 */
export function crossValidate(
  texts: readonly LabelledText[],
  labels: number,
  foldOf: readonly number[],
  options: FitOptions,
): readonly HeldOut[] {
  const results: HeldOut[] = []
  for (const fold of new Set(foldOf)) {
    const others = texts.filter((_, index) => foldOf[index] !== fold)
    const learned = fit(others, labels, options)
    const vectorize = createVectorizer(learned.vocabulary)
    texts.forEach(({ counts, target }, index) => {
      if (foldOf[index] !== fold) return
      const vector = vectorize(counts)
      results[index] = { scores: score(vector, learned), target, familiarity: vector.familiarity }
    })
  }
  return results
}

/** Deals the members of each group out in turn, so that every fold has its share of each. */
export function assignFolds(groups: readonly string[], folds: number): readonly number[] {
  const dealt = new Map<string, number>()
  return groups.map((group) => {
    const count = dealt.get(group) ?? 0
    dealt.set(group, count + 1)
    return count % folds
  })
}

function score(vector: TextVector, { weights, biases }: Weights): readonly number[] {
  const scores = [...biases]
  vector.rows.forEach((row, at) => {
    scores.forEach((_, label) => {
      const weight = weights[row * scores.length + label] ?? 0
      scores[label] = (scores[label] ?? 0) + weight * (vector.values[at] ?? 0)
    })
  })
  return scores
}
