import type { Estimate } from './bootstrap.js'
import type { Comparison } from './compare.js'
import { excludesZero, subtract, wilson } from './proportion.js'

/** What is known of a class from counts alone, as a model's card keeps it. */
export interface ClassCounts {
  readonly label: string
  readonly support: number
  readonly found: number
  readonly hits: number
}

/** How the F1 of a class changes with a new model; below 0 is worse. */
export interface ClassChange {
  readonly label: string
  readonly before: number
  readonly now: number
  readonly difference: Estimate
}

export interface ClassChanges {
  /** The whole 95 % interval of the difference in F1 lies below 0. */
  readonly worse: readonly ClassChange[]
  readonly better: readonly ClassChange[]
  /** Labels that the new model can't give any more. */
  readonly gone: readonly string[]
}

/**
 * Compares the classes of two models that were measured on different rows, by their counts: the interval of each F1 out of
 * the score interval of hits / (hits + misses), of which F1 is a rising function, and the difference by the
 * square-and-add method (Newcombe 1998; Zou and Donner 2008). Each class has its own 95 %, so that of many
 * classes some may seem worse by chance: this errs on the side of asking.
 */
export function compareCounts(
  now: readonly ClassCounts[],
  before: readonly ClassCounts[],
): ClassChanges {
  const present = new Map(now.filter(isPresent).map((one) => [one.label, one]))
  const old = before.filter(isPresent)
  const changes = old.flatMap((one) => {
    const other = present.get(one.label)
    return other === undefined ? [] : [changeOf(other, one)]
  })
  const gone = old.map(({ label }) => label).filter((label) => !present.has(label))
  return { ...split(changes), gone }
}

/** The same from a comparison on the same rows, by its paired bootstrap. */
export function readChanges(comparison: Comparison): ClassChanges {
  const changes = comparison.classes.map(({ label, other, difference }) => ({
    label,
    before: other,
    now: other + difference.value,
    difference,
  }))
  return { ...split(changes), gone: [] }
}

const isPresent = ({ support }: ClassCounts): boolean => support > 0

function changeOf(now: ClassCounts, before: ClassCounts): ClassChange {
  const [left, right] = [estimateF1(now), estimateF1(before)]
  return {
    label: now.label,
    before: right.value,
    now: left.value,
    difference: subtract(left, right),
  }
}

/** F1 = 2J / (1 + J) of J = hits / (hits + misses). */
function estimateF1({ support, found, hits }: ClassCounts): Estimate {
  const { value, low, high } = wilson(hits, support + found - hits)
  const f1 = (share: number) => (2 * share) / (1 + share)
  return { value: f1(value), low: f1(low), high: f1(high) }
}

function split(changes: readonly ClassChange[]): Pick<ClassChanges, 'worse' | 'better'> {
  const clear = changes.filter(({ difference }) => excludesZero(difference))
  return {
    worse: clear.filter(({ difference }) => difference.high < 0),
    better: clear.filter(({ difference }) => difference.low > 0),
  }
}
