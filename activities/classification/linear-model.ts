import type { Weights } from './svm.js'
import type { TextVector } from './vocabulary.js'

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

/** Gives the weight of a row for a label, in its true size. */
export function weightOf(head: Head, row: number, label: number): number {
  return (head.weights[row * head.labels.length + label] ?? 0) * (head.scales[label] ?? 0)
}

/** Scores a vector and its embedding (empty where the model takes none): one number for each label. */
export type Scorer = (vector: TextVector, dense: Float32Array) => Float64Array

/** Gives the function that scores by a head. */
export function createScorer({ labels, biases, scales, weights, denseWeights }: Head): Scorer {
  const stride = Math.ceil(labels.length / lanes) * lanes
  const sparse = spread(weights, labels.length, stride)
  const full = layOut(denseWeights, labels.length, stride)
  return (vector, dense) => {
    const scores = new Float64Array(stride)
    addSparse(scores, sparse, vector)
    for (let label = 0; label < labels.length; label++)
      scores[label] = (scores[label] ?? 0) * (scales[label] ?? 0) + (biases[label] ?? 0)
    if (dense.length > 0) addDense(scores, full, dense)
    return scores.subarray(0, labels.length)
  }
}

/** So many labels are summed up at a time: in variables, for sums kept in an array take four times as long. */
const lanes = 4

/** Copies rows of `count` into rows of `stride`, with zeros at their ends. */
function spread(from: Int8Array, count: number, stride: number): Int8Array {
  const to = new Int8Array((from.length / count) * stride)
  for (let at = 0, start = 0; at < from.length; at += count, start += stride)
    for (let label = 0; label < count; label++) to[start + label] = from[at + label] ?? 0
  return to
}

/** Of all dimensions the weights of the first four labels, then of the next: in the order they are read in. */
function layOut(from: Float32Array, count: number, stride: number): Float32Array {
  const dimensions = from.length / count
  const to = new Float32Array(dimensions * stride)
  for (let at = 0; at < dimensions; at++)
    for (let label = 0; label < count; label++) {
      const lane = label % lanes
      to[(label - lane) * dimensions + at * lanes + lane] = from[at * count + label] ?? 0
    }
  return to
}

function addSparse(scores: Float64Array, weights: Int8Array, { rows, values }: TextVector): void {
  for (let label = 0; label < scores.length; label += lanes) {
    let first = 0
    let second = 0
    let third = 0
    let fourth = 0
    for (let at = 0; at < rows.length; at++) {
      const value = values[at] ?? 0
      const place = (rows[at] ?? 0) * scores.length + label
      first += value * (weights[place] ?? 0)
      second += value * (weights[place + 1] ?? 0)
      third += value * (weights[place + 2] ?? 0)
      fourth += value * (weights[place + 3] ?? 0)
    }
    addTo(scores, label, first, second, third, fourth)
  }
}

function addDense(scores: Float64Array, weights: Float32Array, dense: Float32Array): void {
  let place = 0
  for (let label = 0; label < scores.length; label += lanes) {
    let first = 0
    let second = 0
    let third = 0
    let fourth = 0
    for (let at = 0; at < dense.length; at++) {
      const value = dense[at] ?? 0
      first += value * (weights[place] ?? 0)
      second += value * (weights[place + 1] ?? 0)
      third += value * (weights[place + 2] ?? 0)
      fourth += value * (weights[place + 3] ?? 0)
      place += lanes
    }
    addTo(scores, label, first, second, third, fourth)
  }
}

function addTo(
  scores: Float64Array,
  label: number,
  first: number,
  second: number,
  third: number,
  fourth: number,
): void {
  scores[label] = (scores[label] ?? 0) + first
  scores[label + 1] = (scores[label + 1] ?? 0) + second
  scores[label + 2] = (scores[label + 2] ?? 0) + third
  scores[label + 3] = (scores[label + 3] ?? 0) + fourth
}
