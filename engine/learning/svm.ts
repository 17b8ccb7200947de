import { createRandom } from '../text/hashing.js'

/** The vectors to learn from. The sparse part is in compressed rows (CSR), the dense part in full. */
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
  /** The cost of a violated margin: the larger, the closer the fit. */
  readonly cost: number
  /** All labels count alike, however many examples each has. */
  readonly isBalanced: boolean
  readonly seed: number
  /** Called after each few labels. */
  readonly onProgress?: (share: number) => void
}

export interface Weights {
  /** Column by column (sparse, then dense), a weight for each label. */
  readonly weights: Float32Array
  readonly biases: Float64Array
}

/** A label's descent ends when the projected gradients differ by less. Smaller values change no figure. */
const tolerance = 0.05
/** More rounds change held-out figures by less than chance. Stopping early smooths, as a lower cost does. */
const maxRounds = 10
/**
 * The number of labels that descend together, their weights side by side in memory. Fetching a vector and its weights
 * takes longer than the sums: four labels together take the time of one and a half.
 */
const lanes = 4

/**
 * Fits a linear support vector machine for each label against the rest: squared hinge loss, L2 penalty, by
 * dual coordinate descent with shrinking (Hsieh, Chang, Lin, Keerthi, Sundararajan, "A Dual Coordinate
 * Descent Method for Large-scale Linear SVM", ICML 2008, algorithm 3). Of two labels only
 * one is fitted; the other is its mirror. The same input gives the same weights, to the bit.
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
  for (let first = 0; first < fitted; first += lanes) {
    const count = Math.min(lanes, fitted - first)
    const found = descend({ matrix, targets, costs, norms, first, count }, options.seed + first)
    for (let column = 0; column < columns; column++)
      for (let at = 0; at < count; at++)
        weights[column * labels + first + at] = found.weights[column * lanes + at] ?? 0
    biases.set(found.biases.subarray(0, count), first)
    options.onProgress?.((first + count) / fitted)
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

/** Each vector has a constant 1 more, whose weight is the bias. */
function squaredNorms(matrix: TrainingMatrix): Float64Array {
  const { starts, values, denseColumns, dense } = matrix
  return Float64Array.from({ length: matrix.vectors }, (_, vector) => {
    let sum = 1
    for (let at = starts[vector] ?? 0; at < (starts[vector + 1] ?? 0); at++)
      sum += (values[at] ?? 0) ** 2
    const first = vector * denseColumns
    for (let at = first; at < first + denseColumns; at++) sum += (dense[at] ?? 0) ** 2
    return sum
  })
}

/** The labels that descend together. */
interface Machines {
  readonly matrix: TrainingMatrix
  readonly targets: Int32Array
  /** By vector. */
  readonly costs: Float64Array
  readonly norms: Float64Array
  /** The first of these labels, and how many they are. */
  readonly first: number
  readonly count: number
}

function descend(machines: Machines, seed: number): Weights {
  const { matrix } = machines
  const { vectors } = matrix
  const fit: Weights = {
    weights: new Float32Array((matrix.columns + matrix.denseColumns) * lanes),
    biases: new Float64Array(lanes),
  }
  const visit = createVisit(machines, fit)
  const order = Int32Array.from({ length: vectors }, (_, at) => at)
  const random = createRandom(seed)
  let active = vectors
  for (let round = 0; round < maxRounds; round++) {
    shuffle(order, active, random)
    for (let at = 0; at < active; at++) {
      const vector = order[at] ?? 0
      if (!visit.isAtRest(vector)) continue
      // Far on the right side: it is left out until the others have settled (shrinking).
      active--
      order[at] = order[active] ?? 0
      order[active] = vector
      at--
    }
    const outcome = visit.endRound(active === vectors)
    if (outcome === 'settled') break
    if (outcome === 'to be checked') active = vectors
  }
  return fit
}

interface Visit {
  /** Takes one step for each label. @returns whether the vector can be left out for now */
  isAtRest(vector: number): boolean
  /**
   * @param sawAll whether no vector was left out: only then can a label be settled
   * @returns `to be checked` where all labels seem settled, but some vectors were left out
   */
  endRound(sawAll: boolean): 'settled' | 'to be checked' | 'open'
}

/** The inner loop of the descent. It changes the weights and each vector's dual variable (alpha). */
function createVisit(
  { matrix, targets, costs, norms, first, count }: Machines,
  fit: Weights,
): Visit {
  const alphas = new Float64Array(matrix.vectors * count)
  const scores = new Float64Array(lanes)
  const highest = new Float64Array(count).fill(-Infinity)
  const lowest = new Float64Array(count).fill(Infinity)
  const highestBefore = new Float64Array(count).fill(Infinity)
  const isSettled = new Uint8Array(count)

  return {
    isAtRest: (vector) => {
      const softness = 0.5 / (costs[vector] ?? 1)
      const curvature = (norms[vector] ?? 1) + softness
      const own = (targets[vector] ?? 0) - first
      let isAtRest = true
      score(matrix, fit, vector, scores)
      for (let label = 0; label < count; label++) {
        if (isSettled[label] === 1) continue
        const sign = label === own ? 1 : -1
        const alpha = alphas[vector * count + label] ?? 0
        const slope = sign * (scores[label] ?? 0) - 1 + alpha * softness
        if (alpha === 0 && slope > (highestBefore[label] ?? 0)) continue
        isAtRest = false
        const projected = alpha === 0 ? Math.min(slope, 0) : slope
        highest[label] = Math.max(highest[label] ?? 0, projected)
        lowest[label] = Math.min(lowest[label] ?? 0, projected)
        if (Math.abs(projected) < 1e-12) continue
        const next = Math.max(alpha - slope / curvature, 0)
        alphas[vector * count + label] = next
        if (next !== alpha) add(matrix, fit, vector, label, (next - alpha) * sign)
      }
      return isAtRest
    },

    endRound: (sawAll) => {
      let settled = 0
      let narrow = 0
      for (let label = 0; label < count; label++) {
        const top = highest[label] ?? 0
        const isNarrow = top - (lowest[label] ?? 0) <= tolerance
        if (isNarrow && sawAll) isSettled[label] = 1
        settled += isSettled[label] ?? 0
        if (isNarrow || isSettled[label] === 1) narrow++
        highestBefore[label] = isNarrow || top <= 0 ? Infinity : top
        highest[label] = -Infinity
        lowest[label] = Infinity
      }
      if (settled === count) return 'settled'
      return narrow === count ? 'to be checked' : 'open'
    },
  }
}

/** Shuffles the first `count` (Fisher and Yates). */
function shuffle(order: Int32Array, count: number, random: () => number): void {
  for (let at = 0; at < count; at++) {
    const other = at + (random() % (count - at))
    const held = order[at] ?? 0
    order[at] = order[other] ?? 0
    order[other] = held
  }
}

/** Scores a vector in each lane. Written out: sums that a loop keeps in an array take eight times as long. */
function score(
  matrix: TrainingMatrix,
  { weights, biases }: Weights,
  vector: number,
  scores: Float64Array,
): void {
  const { starts, indices, values, columns, denseColumns, dense } = matrix
  let [first = 0, second = 0, third = 0, fourth = 0] = biases
  const end = starts[vector + 1] ?? 0
  for (let at = starts[vector] ?? 0; at < end; at++) {
    const value = values[at] ?? 0
    const place = (indices[at] ?? 0) * lanes
    first += value * (weights[place] ?? 0)
    second += value * (weights[place + 1] ?? 0)
    third += value * (weights[place + 2] ?? 0)
    fourth += value * (weights[place + 3] ?? 0)
  }
  const denseStart = vector * denseColumns
  for (let at = 0; at < denseColumns; at++) {
    const value = dense[denseStart + at] ?? 0
    const place = (columns + at) * lanes
    first += value * (weights[place] ?? 0)
    second += value * (weights[place + 1] ?? 0)
    third += value * (weights[place + 2] ?? 0)
    fourth += value * (weights[place + 3] ?? 0)
  }
  scores[0] = first
  scores[1] = second
  scores[2] = third
  scores[3] = fourth
}

function add(
  matrix: TrainingMatrix,
  { weights, biases }: Weights,
  vector: number,
  lane: number,
  step: number,
): void {
  const { starts, indices, values, columns, denseColumns, dense } = matrix
  biases[lane] = (biases[lane] ?? 0) + step
  const end = starts[vector + 1] ?? 0
  for (let at = starts[vector] ?? 0; at < end; at++) {
    const place = (indices[at] ?? 0) * lanes + lane
    weights[place] = (weights[place] ?? 0) + step * (values[at] ?? 0)
  }
  const denseStart = vector * denseColumns
  for (let at = 0; at < denseColumns; at++) {
    const place = (columns + at) * lanes + lane
    weights[place] = (weights[place] ?? 0) + step * (dense[denseStart + at] ?? 0)
  }
}
