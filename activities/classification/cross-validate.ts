import type { FeatureCounts } from './features.js'
import { train, type TrainOptions, type Weights } from './train.js'
import { buildVocabulary, createVectorizer, type TextVector, type Vocabulary } from './vocabulary.js'

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

/** Scores each text by a fit that never saw it or its fold; in the order of the texts. */
export function crossValidate(
  texts: readonly LabelledText[],
  labels: number,
  folds: number,
  options: FitOptions,
): readonly HeldOut[] {
  const foldOf = assignFolds(texts, folds)
  const results: HeldOut[] = []
  for (let fold = 0; fold < folds; fold++) {
    const learned = fit(
      texts.filter((_, index) => foldOf[index] !== fold),
      labels,
      options,
    )
    const vectorize = createVectorizer(learned.vocabulary)
    texts.forEach(({ counts, target }, index) => {
      if (foldOf[index] !== fold) return
      const vector = vectorize(counts)
      results[index] = { scores: score(vector, learned), target, familiarity: vector.familiarity }
    })
  }
  return results
}

/** Deals the texts of each label out in turn, so that every fold has its share of each. */
export function assignFolds(
  texts: readonly { readonly target: number }[],
  folds: number,
): readonly number[] {
  const dealt = new Map<number, number>()
  return texts.map(({ target }) => {
    const count = dealt.get(target) ?? 0
    dealt.set(target, count + 1)
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
