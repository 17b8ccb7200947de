import type { Fit } from './cross-validate.js'
import type { TextVector, Vocabulary } from './vocabulary.js'

/** What scores a text: eight bits for each weight, and for each label the factor they are in. */
export interface LinearModel {
  readonly vocabulary: Vocabulary
  readonly biases: readonly number[]
  readonly scales: readonly number[]
  /** Row by row, a weight for each label. */
  readonly weights: Int8Array
}

/** Rounds weights to 255 steps between the extremes of each label. */
export function quantise({ vocabulary, weights, biases }: Fit): LinearModel {
  const labels = biases.length
  const largest = new Array<number>(labels).fill(0)
  weights.forEach((weight, at) => {
    largest[at % labels] = Math.max(largest[at % labels] ?? 0, Math.abs(weight))
  })
  const scales = largest.map((size) => (size === 0 ? 1 : size / 127))
  return {
    vocabulary,
    biases: [...biases],
    scales,
    weights: Int8Array.from(weights, (weight, at) =>
      Math.round(weight / (scales[at % labels] ?? 1)),
    ),
  }
}

/** Gives the weight of a row for a label, in its true size. */
export function weightOf(model: LinearModel, row: number, label: number): number {
  return (model.weights[row * model.biases.length + label] ?? 0) * (model.scales[label] ?? 0)
}

/** Scores a vector: one number for each label. */
export function scoreVector(model: LinearModel, { rows, values }: TextVector): readonly number[] {
  const labels = model.biases.length
  const sums = new Float64Array(labels)
  for (let at = 0; at < rows.length; at++) {
    const base = (rows[at] ?? 0) * labels
    const value = values[at] ?? 0
    for (let label = 0; label < labels; label++) {
      sums[label] = (sums[label] ?? 0) + value * (model.weights[base + label] ?? 0)
    }
  }
  return model.biases.map((bias, label) => bias + (sums[label] ?? 0) * (model.scales[label] ?? 0))
}
