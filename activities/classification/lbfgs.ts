/** Writes the gradient at `point` into `gradient` and gives the value there. */
export type Objective = (point: Float64Array, gradient: Float64Array) => number

export interface MinimiseOptions {
  readonly iterations: number
  /** Stops when the gradient has become this much shorter than at the start. */
  readonly tolerance: number
}

const memory = 5
const sufficientDecrease = 1e-4
const mostHalvings = 30

interface Step {
  readonly move: Float64Array
  readonly change: Float64Array
  readonly inverse: number
}

/**
 * Finds the minimum of a smooth convex function by L-BFGS (Nocedal and Wright, "Numerical
 * Optimization", 2nd ed., algorithms 7.4 and 7.5) with a backtracking line search. Deterministic.
 */
export function minimise(
  objective: Objective,
  start: Float64Array,
  options: MinimiseOptions,
): Float64Array {
  let point: Float64Array = start.slice()
  let gradient: Float64Array = new Float64Array(start.length)
  let value = objective(point, gradient)
  const goal = options.tolerance * norm(gradient)
  const steps: Step[] = []
  for (let iteration = 0; iteration < options.iterations && norm(gradient) > goal; iteration++) {
    const direction = descend(gradient, steps)
    const next = search(objective, point, value, gradient, direction)
    if (!next) break
    remember(steps, subtract(next.point, point), subtract(next.gradient, gradient))
    ;({ point, gradient, value } = next)
  }
  return point
}

/** The two-loop recursion: the gradient times the remembered inverse curvature, downhill. */
function descend(gradient: Float64Array, steps: readonly Step[]): Float64Array {
  const direction = gradient.map((slope) => -slope)
  const factors: number[] = []
  for (const step of steps.toReversed()) {
    const factor = step.inverse * dot(step.move, direction)
    factors.unshift(factor)
    add(direction, -factor, step.change)
  }
  const last = steps.at(-1)
  scale(direction, last ? 1 / (last.inverse * dot(last.change, last.change)) : 1 / norm(gradient))
  steps.forEach((step, index) => {
    const factor = step.inverse * dot(step.change, direction)
    add(direction, (factors[index] ?? 0) - factor, step.move)
  })
  return direction
}

function search(
  objective: Objective,
  point: Float64Array,
  value: number,
  gradient: Float64Array,
  direction: Float64Array,
): { point: Float64Array; gradient: Float64Array; value: number } | undefined {
  const slope = dot(gradient, direction)
  const nextGradient = new Float64Array(point.length)
  for (let halvings = 0, length = 1; halvings < mostHalvings; halvings++, length /= 2) {
    const next = point.slice()
    add(next, length, direction)
    const nextValue = objective(next, nextGradient)
    if (nextValue <= value + sufficientDecrease * length * slope) {
      return { point: next, gradient: nextGradient, value: nextValue }
    }
  }
  return undefined
}

/** A pair without positive curvature would spoil the approximation and is left out. */
function remember(steps: Step[], move: Float64Array, change: Float64Array): void {
  const curvature = dot(move, change)
  if (curvature <= 1e-12) return
  steps.push({ move, change, inverse: 1 / curvature })
  if (steps.length > memory) steps.shift()
}

function dot(left: Float64Array, right: Float64Array): number {
  let sum = 0
  for (let at = 0; at < left.length; at++) sum += (left[at] ?? 0) * (right[at] ?? 0)
  return sum
}

const norm = (vector: Float64Array): number => Math.sqrt(dot(vector, vector))

function add(target: Float64Array, factor: number, vector: Float64Array): void {
  for (let at = 0; at < target.length; at++)
    target[at] = (target[at] ?? 0) + factor * (vector[at] ?? 0)
}

function scale(target: Float64Array, factor: number): void {
  for (let at = 0; at < target.length; at++) target[at] = (target[at] ?? 0) * factor
}

function subtract(left: Float64Array, right: Float64Array): Float64Array {
  const difference = left.slice()
  add(difference, -1, right)
  return difference
}
