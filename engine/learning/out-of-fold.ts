import {
  findQuantile,
  findReviewBar,
  fitConfidence,
  fitNoneScore,
  fitSigmoid,
  fitTemperature,
} from './calibrate.js'
import type { JudgedRow } from '../evaluation/judged-row.js'
import { fit, type HeadTargets, type PreparedText } from './fit.js'
import {
  blendScores,
  confidenceOf,
  decide,
  trustIn,
  type Calibration,
  type Grouping,
  type Temperatures,
} from '../model/judge.js'
import { createScorer } from '../model/linear-model.js'
import type { Recipe } from '../text/recipes.js'
import type { LabelledSample } from '../samples.js'
import { indexOfHighest } from '../model/softmax.js'
import type { TaskTargets } from './targets.js'

/** What a fit on the other folds says of a text. */
export interface HeldOutText {
  readonly fold: number
  /** For each head the scores of its labels. */
  readonly scores: readonly Float64Array[]
  readonly familiarity: number
}

/**
 * Puts two neighbours into one fold. They may be a contrast pair, alike except for what decides: in two folds, each
 * would be judged by a model that learned its opposite.
 */
export function assignPairsToFolds(count: number, folds: number): readonly number[] {
  return Array.from({ length: count }, (_, at) => Math.floor(at / 2) % folds)
}

/** Spreads the members of each group over the folds in turn, so that every fold has its share of each group. */
export function assignFolds(groups: readonly string[], folds: number): readonly number[] {
  const dealt = new Map<string, number>()
  return groups.map((group) => {
    const count = dealt.get(group) ?? 0
    dealt.set(group, count + 1)
    return count % folds
  })
}

export interface OutOfFoldInput {
  readonly texts: readonly PreparedText[]
  readonly heads: readonly HeadTargets[]
  readonly folds: readonly number[]
  readonly recipe: Recipe
  readonly onProgress: (share: number) => void
}

/** Cross-validation: scores each text by a fit on the other folds; in the order of the texts. */
export function scoreOutOfFold(input: OutOfFoldInput): readonly HeldOutText[] {
  const { texts, heads, folds, recipe, onProgress } = input
  const results: HeldOutText[] = []
  const all = [...new Set(folds)]
  all.forEach((fold, done) => {
    const isOther = (_: unknown, at: number) => folds[at] !== fold
    const learned = fit({
      texts: texts.filter(isOther),
      heads: heads.map(({ labels, targets }) => ({ labels, targets: targets.filter(isOther) })),
      recipe,
      onProgress: (share) => onProgress((done + share) / all.length),
    })
    const scorers = learned.heads.map(createScorer)
    texts.forEach(({ counts, dense }, at) => {
      if (folds[at] !== fold) return
      const vector = learned.vectorize(counts)
      const scores = scorers.map((score) => score(vector, dense))
      results[at] = { fold, scores, familiarity: vector.familiarity }
    })
  })
  return results
}

const noScores = new Float64Array(0)

/** The share of the examples that lies below the bar of familiarity. */
const unfamiliarShare = 0.01

/** A held-out text with its true label. */
export interface HeldOutExample extends HeldOutText {
  readonly sample: LabelledSample
  /** The position of its group. */
  readonly group: number
}

/** Adds the true labels to held-out texts. */
export function toExamples(
  texts: readonly HeldOutText[],
  samples: readonly LabelledSample[],
  { groups }: TaskTargets,
): readonly HeldOutExample[] {
  return texts.map((text, at) => ({
    ...text,
    sample: samples[at] ?? { text: '', label: '' },
    group: groups[at] ?? 0,
  }))
}

/**
 * Says whether one way of scoring is right more often than a simpler one on the same texts, by more than one standard
 * error of the difference. Within that, the simpler one is better kept (Breiman, Friedman, Olshen, Stone, "Classification and
 * Regression Trees", 1984, 3.4.3).
 */
export function isClearlyBetter(
  one: readonly HeldOutText[],
  simpler: readonly HeldOutText[],
  { targets }: HeadTargets,
): boolean {
  let gained = 0
  let lost = 0
  targets.forEach((target, at) => {
    const isRight = indexOfHighest(one[at]?.scores[0] ?? noScores) === target
    const wasRight = indexOfHighest(simpler[at]?.scores[0] ?? noScores) === target
    if (isRight && !wasRight) gained++
    if (wasRight && !isRight) lost++
  })
  return gained - lost > Math.sqrt(gained + lost)
}

/** Learns from held-out scores how they become a decision and a confidence. */
export function calibrate(
  examples: readonly HeldOutExample[],
  grouping: Grouping,
  wantedPrecision: number,
): Calibration {
  const temperatures = fitTemperatures(examples, grouping)
  const judged = examples.map(({ scores: [first = noScores], group }) => {
    const verdict = decide(first, grouping, temperatures)
    return { verdict, isRight: verdict.group === group }
  })
  const confidence = fitConfidence(
    judged.map(({ verdict, isRight }) => ({ confidence: verdict.share, isRight })),
  )
  const calibration = {
    ...temperatures,
    confidence,
    reviewBar: 0,
    familiarityBars: findFamiliarityBars(examples),
  }
  const predictions = judged.map(({ verdict, isRight }) => ({
    confidence: confidenceOf(verdict, calibration, grouping.groups.length, 1),
    isRight,
  }))
  return { ...calibration, reviewBar: findReviewBar(predictions, wantedPrecision) }
}

/** The values of `blend` that are tried where groups have several labels. */
const blends = [0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7]

/** Finds the temperatures and offsets that fit the examples best. */
function fitTemperatures(examples: readonly HeldOutExample[], grouping: Grouping): Temperatures {
  const { groups, groupOf } = grouping
  if (groups.length === groupOf.length) {
    const scored = examples.map(({ scores: [first = noScores], group }) => ({
      scores: first,
      target: group,
    }))
    const temperature = fitTemperature(scored)
    const noneScore = fitNoneScore(scored, temperature)
    return { blend: 1, offsets: [], temperature, noneScore }
  }
  if (groups.length !== 2) throw new Error('Labels are grouped in two, or not at all.')
  const isFirst = examples.map(({ group }) => group === 0)
  const fitted = blends.map((blend) => {
    const leads = examples.map(({ scores: [first = noScores] }) => {
      const [one = 0, other = 0] = blendScores(first, grouping, blend).groupScores
      return one - other
    })
    return { blend, ...fitSigmoid(leads, isFirst) }
  })
  const best = fitted.reduce((left, right) => (right.loss < left.loss ? right : left))
  const slope = Math.max(best.slope, 1e-3)
  return {
    blend: best.blend,
    offsets: [best.offset / slope, 0],
    temperature: 1 / slope,
    noneScore: null,
  }
}

function findFamiliarityBars(examples: readonly HeldOutExample[]): Record<string, number> {
  const languages = new Set(['', ...examples.map(({ sample }) => sample.language ?? '')])
  const barOf = (language: string) => {
    const own = examples.filter(({ sample }) => language === '' || sample.language === language)
    return findQuantile(
      own.map(({ familiarity }) => familiarity),
      unfamiliarShare,
    )
  }
  return Object.fromEntries([...languages].map((language) => [language, barOf(language)]))
}

/** Judges held-out texts as the finished model would judge new ones. */
export function judgeExamples(
  examples: readonly HeldOutExample[],
  grouping: Grouping,
  calibration: Calibration,
): readonly JudgedRow[] {
  return examples.map(({ scores: [first = noScores], familiarity, sample, group }) => {
    const language = sample.language ?? ''
    const verdict = decide(first, grouping, calibration)
    const trust = trustIn(familiarity, calibration, language)
    const confidence = confidenceOf(verdict, calibration, grouping.groups.length, trust)
    return {
      truth: grouping.groups[group] ?? '',
      predicted: grouping.groups[verdict.group] ?? '',
      confidence,
      needsReview: trust < 1 || confidence < calibration.reviewBar,
      language,
    }
  })
}

/**
 * Judges each fold by a calibration from the other folds: neither the weights nor the calibration have seen the row
 * that they are measured on. (Only whether the embedding is used was chosen on all rows.)
 */
export function judgeOutOfFold(
  examples: readonly HeldOutExample[],
  grouping: Grouping,
  wantedPrecision: number,
): readonly JudgedRow[] {
  const rows: JudgedRow[] = []
  for (const fold of new Set(examples.map((example) => example.fold))) {
    const own = examples.flatMap((example, at) => (example.fold === fold ? [{ example, at }] : []))
    const others = examples.filter((example) => example.fold !== fold)
    const calibration = calibrate(others, grouping, wantedPrecision)
    const judged = judgeExamples(
      own.map(({ example }) => example),
      grouping,
      calibration,
    )
    own.forEach(({ at }, place) => {
      const row = judged[place]
      if (row) rows[at] = row
    })
  }
  return rows
}
