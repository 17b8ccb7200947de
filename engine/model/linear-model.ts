import { createScoringKernel } from './scoring-kernel.js'
import type { Weights } from '../learning/svm.js'
import type { TextVector } from '../text/vocabulary.js'

/** One question that a model answers, with one of its labels for each text. */
export interface Head {
  readonly labels: readonly string[]
  readonly biases: readonly number[]
  /** The factor of each label's eight-bit weights. */
  readonly scales: readonly number[]
  /** Row by row, a weight for each label. */
  readonly weights: Int8Array
  /** The weights of the embedding: dimension by dimension, one for each label. */
  readonly denseWeights: Float32Array
}

/** Rounds the weights of the vocabulary's rows to 255 steps between the extremes of each label. */
export function quantise(labels: readonly string[], fit: Weights, rows: number): Head {
  const count = labels.length
  const sparse = fit.weights.subarray(0, rows * count)
  const maxWeights = new Float64Array(count)
  sparse.forEach((weight, at) => {
    maxWeights[at % count] = Math.max(maxWeights[at % count] ?? 0, Math.abs(weight))
  })
  const scales = Array.from(maxWeights, (size) => (size === 0 ? 1 : size / 127))
  const weights = new Int8Array(sparse.length)
  sparse.forEach((weight, at) => (weights[at] = Math.round(weight / (scales[at % count] ?? 1))))
  return {
    labels,
    biases: [...fit.biases],
    scales,
    weights,
    denseWeights: fit.weights.slice(rows * count),
  }
}

/** Scores a vector and its embedding (empty where the model takes none): one number for each label. */
export type Scorer = (vector: TextVector, dense: Float32Array) => Float64Array

/** Gives the function that scores by a head. */
export function createScorer({ labels, biases, scales, weights, denseWeights }: Head): Scorer {
  const sumUp = createScoringKernel({
    labels: labels.length,
    sparse: weights,
    dense: denseWeights.map((weight, at) => weight / (scales[at % labels.length] ?? 1)),
  })
  return (vector, dense) => {
    const sums = sumUp(vector, dense)
    const scores = new Float64Array(labels.length)
    for (let label = 0; label < scores.length; label++)
      scores[label] = (sums[label] ?? 0) * (scales[label] ?? 0) + (biases[label] ?? 0)
    return scores
  }
}
