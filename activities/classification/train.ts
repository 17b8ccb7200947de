import { minimise } from './lbfgs.js'
import type { TextVector } from './vocabulary.js'

export interface TrainingSet {
  readonly vectors: readonly TextVector[]
  /** For each vector the position of its label. */
  readonly targets: readonly number[]
  readonly labels: number
  /** Rows of the vocabulary. */
  readonly rows: number
}

export interface Weights {
  /** Row by row, a weight for each label. */
  readonly weights: Float64Array
  readonly biases: Float64Array
}

export interface TrainOptions {
  /** Strength of the L2 penalty on the weights; biases are free. */
  readonly penalty: number
  readonly iterations: number
}

/**
 * Fits a multinomial logistic regression with an L2 penalty (Hastie, Tibshirani, Friedman, "The
 * Elements of Statistical Learning", 4.4) by L-BFGS. Each label counts as much as another however many
 * examples it has. The same set gives the same weights, to the bit.
 */
export function train(set: TrainingSet, options: TrainOptions): Weights {
  const { labels, rows } = set
  const objective = createObjective(set, options.penalty)
  const start = new Float64Array((rows + 1) * labels)
  const point = minimise(objective, start, { iterations: options.iterations, tolerance: 1e-3 })
  return { weights: point.slice(0, rows * labels), biases: point.slice(rows * labels) }
}

function createObjective(set: TrainingSet, penalty: number) {
  const { vectors, targets, labels, rows } = set
  const importance = balance(targets, labels)
  const errors = new Float64Array(labels)
  return (point: Float64Array, gradient: Float64Array): number => {
    let loss = penalise(point, gradient, rows * labels, penalty)
    vectors.forEach((vector, index) => {
      const target = targets[index] ?? 0
      const weight = (importance[target] ?? 0) / vectors.length
      score(vector, point, rows * labels, errors)
      loss += weight * toErrors(errors, target)
      scatter(vector, errors, weight, gradient, rows * labels)
    })
    return loss
  }
}

/** For each label the number by which its examples are multiplied, so that all labels weigh the same. */
function balance(targets: readonly number[], labels: number): readonly number[] {
  const counts = new Array<number>(labels).fill(0)
  for (const target of targets) counts[target] = (counts[target] ?? 0) + 1
  const present = counts.filter((count) => count > 0).length
  return counts.map((count) => (count === 0 ? 0 : targets.length / (present * count)))
}

function penalise(
  point: Float64Array,
  gradient: Float64Array,
  end: number,
  penalty: number,
): number {
  let squares = 0
  for (let at = 0; at < end; at++) {
    const weight = point[at] ?? 0
    squares += weight * weight
    gradient[at] = penalty * weight
  }
  gradient.fill(0, end)
  return (penalty / 2) * squares
}

function score(
  vector: TextVector,
  point: Float64Array,
  biasStart: number,
  scores: Float64Array,
): void {
  const labels = scores.length
  for (let label = 0; label < labels; label++) scores[label] = point[biasStart + label] ?? 0
  for (let at = 0; at < vector.rows.length; at++) {
    const base = (vector.rows[at] ?? 0) * labels
    const value = vector.values[at] ?? 0
    for (let label = 0; label < labels; label++) {
      scores[label] = (scores[label] ?? 0) + value * (point[base + label] ?? 0)
    }
  }
}

/** Turns scores in place into probabilities minus the truth, and gives the loss. */
function toErrors(scores: Float64Array, target: number): number {
  const highest = scores.reduce((best, one) => Math.max(best, one), -Infinity)
  let sum = 0
  for (let label = 0; label < scores.length; label++) {
    const power = Math.exp((scores[label] ?? 0) - highest)
    scores[label] = power
    sum += power
  }
  const loss = Math.log(sum) - Math.log(scores[target] ?? 0)
  for (let label = 0; label < scores.length; label++) scores[label] = (scores[label] ?? 0) / sum
  scores[target] = (scores[target] ?? 0) - 1
  return loss
}

function scatter(
  vector: TextVector,
  errors: Float64Array,
  weight: number,
  gradient: Float64Array,
  biasStart: number,
): void {
  const labels = errors.length
  for (let label = 0; label < labels; label++) {
    errors[label] = (errors[label] ?? 0) * weight
    gradient[biasStart + label] = (gradient[biasStart + label] ?? 0) + (errors[label] ?? 0)
  }
  for (let at = 0; at < vector.rows.length; at++) {
    const base = (vector.rows[at] ?? 0) * labels
    const value = vector.values[at] ?? 0
    for (let label = 0; label < labels; label++) {
      gradient[base + label] = (gradient[base + label] ?? 0) + value * (errors[label] ?? 0)
    }
  }
}
