import { readCurve, type ConfidenceCurve } from '../learning/calibrate.js'
import { indexOfHighest, softmax } from './softmax.js'

/**
 * A model may learn finer labels (the topics of a category) than it reports. In cross-validation that was more often
 * right than learning the coarse labels.
 */
export interface Grouping {
  /** The labels that are reported. */
  readonly groups: readonly string[]
  /** The position of each fine label's group. */
  readonly groupOf: readonly number[]
}

/** How scores become probabilities. */
export interface Temperatures {
  /** Whether a group's score is more that of its best label (low) or of all its labels together (high). */
  readonly blend: number
  /** Added to the scores of blended groups, so that a group of many labels is not preferred. Empty without blending. */
  readonly offsets: readonly number[]
  /** The temperature of the softmax over the groups. */
  readonly temperature: number
  /**
   * The score of "none of the groups": a text for which no group scores well is out of scope. Null where groups are
   * blended.
   */
  readonly noneScore: number | null
}

/** What the held-out predictions taught about a model's scores. */
export interface Calibration extends Temperatures {
  readonly confidence: ConfidenceCurve
  /** Below this confidence a person looks. */
  readonly reviewBar: number
  /** By language ('' for none): a text less familiar than this is unlike all examples. */
  readonly familiarityBars: Readonly<Record<string, number>>
}

/** A decision, as positions in `groups` and in the fine labels. */
export interface Verdict {
  readonly group: number
  /** The probability of the decided group, before calibration by the curve. */
  readonly share: number
  /** The likeliest fine label of that group. */
  readonly label: number
  /** The probability of each group. The rest to 1 is that of none. */
  readonly ofGroups: Float64Array
  /** The share of each fine label in its group. */
  readonly withinGroup: Float64Array
}

/** Decides from the scores of the fine labels. Of groups with equal scores the first wins. */
export function decide(
  scores: Float64Array,
  grouping: Grouping,
  { blend, offsets, temperature, noneScore }: Temperatures,
): Verdict {
  const { groupScores: blended, withinGroup } = blendScores(scores, grouping, blend)
  const groupScores =
    offsets.length === 0 ? blended : blended.map((score, group) => score + (offsets[group] ?? 0))
  const ofGroups = softmax(groupScores, temperature, noneScore ?? undefined)
  const group = indexOfHighest(groupScores)
  const label = findLabel(withinGroup, grouping, group)
  return { group, share: ofGroups[group] ?? 0, label, ofGroups, withinGroup }
}

/** Gives each group the soft maximum (log-sum-exp) of its labels' scores. */
export function blendScores(
  scores: Float64Array,
  { groups, groupOf }: Grouping,
  blend: number,
): { groupScores: Float64Array; withinGroup: Float64Array } {
  if (groups.length === groupOf.length) {
    // Each label is a group of its own.
    return {
      groupScores: scores,
      withinGroup: new Float64Array(scores.length).fill(1),
    }
  }
  const highest = new Float64Array(groups.length).fill(-Infinity)
  groupOf.forEach((group, label) => {
    highest[group] = Math.max(highest[group] ?? 0, scores[label] ?? 0)
  })
  const sums = new Float64Array(groups.length)
  const withinGroup = Float64Array.from(groupOf, (group, label) => {
    const power = Math.exp(((scores[label] ?? 0) - (highest[group] ?? 0)) / blend)
    sums[group] = (sums[group] ?? 0) + power
    return power
  })
  groupOf.forEach((group, label) => {
    withinGroup[label] = (withinGroup[label] ?? 0) / (sums[group] ?? 1)
  })
  const groupScores = sums.map((sum, group) => (highest[group] ?? 0) + blend * Math.log(sum))
  return { groupScores, withinGroup }
}

/** Gives the likeliest fine label of a group. */
export function findLabel(withinGroup: Float64Array, { groupOf }: Grouping, group: number): number {
  let best = -1
  for (let label = 0; label < groupOf.length; label++) {
    if (groupOf[label] !== group) continue
    if (best < 0 || (withinGroup[label] ?? 0) > (withinGroup[best] ?? 0)) best = label
  }
  return best
}

/** Says how far a text can be judged at all: 1 where it is as familiar as the examples, less where it isn't. */
export function trustIn(familiarity: number, calibration: Calibration, language: string): number {
  const bar = calibration.familiarityBars[language] ?? calibration.familiarityBars[''] ?? 0
  return familiarity >= bar ? 1 : familiarity / bar
}

/** Says how likely a verdict is right. The less a text is trusted, the closer this is to a guess among the groups. */
export function confidenceOf(
  { share }: Verdict,
  calibration: Calibration,
  groups: number,
  trust: number,
): number {
  const guess = 1 / groups
  const confidence = Math.max(guess, readCurve(calibration.confidence, share))
  return guess + (confidence - guess) * trust
}
