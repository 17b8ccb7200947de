import { createScoringKernel } from './scoring-kernel.js'
import type { Weights } from '../learning/svm.js'
import type { TextVector } from '../text/vocabulary.js'

/** One question that a model answers: a label for each text. */
export interface Head {
  readonly labels: readonly string[]
  readonly biases: readonly number[]
  /** For each label the factor that its eight-bit weights are in. */
  readonly scales: readonly number[]
  /** Row by row, a weight for each label. */
  readonly weights: Int8Array
  /** Of the embedding: dimension by dimension, a weight for each label. */
  readonly denseWeights: Float32Array
}

/** Rounds the weights of the vocabulary's rows to 255 steps between the extremes of each label. */
export function quantise(labels: readonly string[], fit: Weights, rows: number): Head {
  const count = labels.length
  const sparse = fit.weights.subarray(0, rows * count)
  const largest = new Float64Array(count)
  sparse.forEach((weight, at) => {
    largest[at % count] = Math.max(largest[at % count] ?? 0, Math.abs(weight))
  })
  const scales = Array.from(largest, (size) => (size === 0 ? 1 : size / 127))
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
