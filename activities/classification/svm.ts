import { createRandom } from './hashing.js'

/** Vectors to learn from, one after the other: the sparse part in compressed rows, the dense part in full. */
export interface TrainingMatrix {
  readonly vectors: number
  /** Columns of the sparse part. */
  readonly columns: number
  /** Where each vector begins in `indices` and `values`; one more than there are vectors. */
  readonly starts: Int32Array
  readonly indices: Int32Array
  readonly values: Float32Array
  /** Columns of the dense part; they follow the sparse ones. */
  readonly denseColumns: number
  readonly dense: Float32Array
}

export interface SvmOptions {
  /** What a violated margin costs: the larger, the closer the fit. */
  readonly cost: number
  /** Each label counts as much as another however many examples it has. */
  readonly isBalanced: boolean
  readonly seed: number
  /** Told after each label. */
  readonly onProgress?: (share: number) => void
}

export interface Weights {
  /** Column by column (sparse, then dense), a weight for each label. */
  readonly weights: Float32Array
  readonly biases: Float64Array
}

/** Differences of the projected gradient below this end the descent; smaller ones change no figure. */
const tolerance = 0.05
/** More change held-out figures by less than chance: stopping early smooths, as a lower cost does. */
const mostRounds = 10

/**
 * Fits a linear support vector machine for each label against the rest: squared hinge loss, L2 penalty, by
 * dual coordinate descent with shrinking (Hsieh, Chang, Lin, Keerthi, Sundararajan, "A Dual Coordinate
 * Descent Method for Large-scale Linear SVM", ICML 2008, algorithm 3). Of two labels one is fitted, the
 * other is its mirror. The same input gives the same weights, to the bit.
 */
export function trainSvm(
  matrix: TrainingMatrix,
  targets: Int32Array,
  labels: number,
  options: SvmOptions,
): Weights {
  const columns = matrix.columns + matrix.denseColumns
  const weights = new Float32Array(columns * labels)
  const biases = new Float64Array(labels)
  const costs = costOfVectors(targets, labels, options)
  const norms = squaredNorms(matrix)
  const fitted = labels === 2 ? 1 : labels
  for (let label = 0; label < fitted; label++) {
    const signs = Float64Array.from(targets, (target) => (target === label ? 1 : -1))
    const found = descend(matrix, signs, costs, norms, options.seed + label)
    for (let at = 0; at < columns; at++) weights[at * labels + label] = found[at] ?? 0
    biases[label] = found[columns] ?? 0
    options.onProgress?.((label + 1) / fitted)
  }
  if (labels === 2) mirror(weights, biases)
  return { weights, biases }
}

function mirror(weights: Float32Array, biases: Float64Array): void {
  for (let at = 0; at < weights.length; at += 2) weights[at + 1] = -(weights[at] ?? 0)
  biases[1] = -(biases[0] ?? 0)
}

function costOfVectors(targets: Int32Array, labels: number, options: SvmOptions): Float64Array {
  const counts = new Float64Array(labels)
  for (const target of targets) counts[target] = (counts[target] ?? 0) + 1
  return Float64Array.from(targets, (target) =>
    options.isBalanced
      ? (options.cost * targets.length) / (labels * (counts[target] ?? 1))
      : options.cost,
  )
}

/** Of each vector, the constant 1 that the bias is the weight of included. */
function squaredNorms({
  vectors,
  starts,
  values,
  denseColumns,
  dense,
}: TrainingMatrix): Float64Array {
  const norms = new Float64Array(vectors).fill(1)
  for (let vector = 0; vector < vectors; vector++) {
    let sum = 1
    for (let at = starts[vector] ?? 0; at < (starts[vector + 1] ?? 0); at++)
      sum += (values[at] ?? 0) ** 2
    const first = vector * denseColumns
    for (let at = first; at < first + denseColumns; at++) sum += (dense[at] ?? 0) ** 2
    norms[vector] = sum
  }
  return norms
}

/** One machine: the weights of all columns, then the bias. */
function descend(
  matrix: TrainingMatrix,
  signs: Float64Array,
  costs: Float64Array,
  norms: Float64Array,
  seed: number,
): Float64Array {
  const { vectors, columns, denseColumns } = matrix
  const weights = new Float64Array(columns + denseColumns + 1)
  const alphas = new Float64Array(vectors)
  const order = Int32Array.from({ length: vectors }, (_, at) => at)
  const random = createRandom(seed)
  let active = vectors
  let highestBefore = Infinity
  for (let round = 0; round < mostRounds; round++) {
    shuffle(order, active, random)
    let highest = -Infinity
    let lowest = Infinity
    for (let at = 0; at < active; at++) {
      const vector = order[at] ?? 0
      const sign = signs[vector] ?? 0
      const alpha = alphas[vector] ?? 0
      const softness = 0.5 / (costs[vector] ?? 1)
      const slope = sign * score(matrix, weights, vector) - 1 + alpha * softness
      if (alpha === 0 && slope > highestBefore) {
        // Far on its right side: it waits until the others have settled.
        active--
        order[at] = order[active] ?? 0
        order[active] = vector
        at--
        continue
      }
      const projected = alpha === 0 ? Math.min(slope, 0) : slope
      highest = Math.max(highest, projected)
      lowest = Math.min(lowest, projected)
      if (Math.abs(projected) < 1e-12) continue
      const next = Math.max(alpha - slope / ((norms[vector] ?? 1) + softness), 0)
      alphas[vector] = next
      if (next !== alpha) add(matrix, weights, vector, (next - alpha) * sign)
    }
    if (highest - lowest <= tolerance) {
      if (active === vectors) break
      active = vectors
      highestBefore = Infinity
    } else highestBefore = highest <= 0 ? Infinity : highest
  }
  return weights
}

/** Fisher and Yates: the first `count` in an order of chance. */
function shuffle(order: Int32Array, count: number, random: () => number): void {
  for (let at = 0; at < count; at++) {
    const other = at + (random() % (count - at))
    const held = order[at] ?? 0
    order[at] = order[other] ?? 0
    order[other] = held
  }
}

function score(matrix: TrainingMatrix, weights: Float64Array, vector: number): number {
  const { starts, indices, values, columns, denseColumns, dense } = matrix
  let sum = weights[columns + denseColumns] ?? 0
  const end = starts[vector + 1] ?? 0
  for (let at = starts[vector] ?? 0; at < end; at++)
    sum += (values[at] ?? 0) * (weights[indices[at] ?? 0] ?? 0)
  const first = vector * denseColumns
  for (let at = 0; at < denseColumns; at++)
    sum += (dense[first + at] ?? 0) * (weights[columns + at] ?? 0)
  return sum
}

function add(matrix: TrainingMatrix, weights: Float64Array, vector: number, factor: number): void {
  const { starts, indices, values, columns, denseColumns, dense } = matrix
  const end = starts[vector + 1] ?? 0
  for (let at = starts[vector] ?? 0; at < end; at++) {
    const column = indices[at] ?? 0
    weights[column] = (weights[column] ?? 0) + factor * (values[at] ?? 0)
  }
  const first = vector * denseColumns
  for (let at = 0; at < denseColumns; at++)
    weights[columns + at] = (weights[columns + at] ?? 0) + factor * (dense[first + at] ?? 0)
  const bias = columns + denseColumns
  weights[bias] = (weights[bias] ?? 0) + factor
}
