import { z } from 'zod'
import {
  type ClassChange,
  type ClassChanges,
  type ClassCounts,
  compareCounts,
  readChanges,
} from '../../engine/evaluation/class-changes.js'
import type { Evaluation } from '../../engine/evaluation/evaluate.js'
import type { ModelCard } from '../../engine/model/model-card.js'
import { percent, pointsWithin, shorten } from '../../engine/evaluation/format.js'

export interface WeighInput {
  /** What the current model is called. */
  readonly current: string
  readonly before: ModelCard
  readonly now: ModelCard
  /** Of the new model, cross-validated, beside the current one on the same rows. */
  readonly evaluation: Evaluation
}

/** What making the new model current would do to each class. */
export interface Verdict extends ClassChanges {
  readonly current: string
  /** What the new model's cross-validation was held against. */
  readonly basis: 'card' | 'same rows'
  /** The current model learned from these very rows. */
  readonly hasSeenRows: boolean
  /** A class got worse beyond noise, or is gone: the model is not to be promoted without a person's word. */
  readonly isWorse: boolean
}

/**
 * Weighs a new model against the current one, class by class. Both are held to what they did on rows that they had not learned from: the new
 * one's cross-validation against the one on the current model's card. The current model's answers on the new rows
 * decide only where its card has no figures for classes: it may know those rows by heart.
 */
export function weigh({ current, before, now, evaluation }: WeighInput): Verdict {
  const card = readCardClasses(before)
  const changes =
    card === undefined ? readSameRows(evaluation) : compareCounts(evaluation.classes, card)
  const known = new Set(now.labels)
  const gone = before.labels.filter((label) => !known.has(label))
  return {
    current,
    basis: card === undefined ? 'same rows' : 'card',
    hasSeenRows: before.examplesSha256 === now.examplesSha256,
    ...changes,
    gone,
    isWorse: changes.worse.length > 0 || gone.length > 0,
  }
}

const readSameRows = ({ comparison }: Evaluation): ClassChanges =>
  comparison === null ? { worse: [], better: [], gone: [] } : readChanges(comparison)

const qualitySchema = z.object({
  classes: z
    .array(
      z.object({ label: z.string(), rows: z.number(), precision: z.number(), recall: z.number() }),
    )
    .min(1),
})

/** The counts behind a card's shares; undefined for a card that has no figures for classes. */
function readCardClasses({ quality }: ModelCard): readonly ClassCounts[] | undefined {
  return qualitySchema
    .safeParse(quality)
    .data?.classes.map(({ label, rows, precision, recall }) => {
      const hits = Math.round(recall * rows)
      return {
        label,
        support: rows,
        found: precision === 0 ? 0 : Math.round(hits / precision),
        hits,
      }
    })
}

const maxNamed = 10

/** Gives the lines that a person reads before deciding. */
export function renderVerdict(verdict: Verdict): readonly string[] {
  const { current, basis, hasSeenRows, worse, better, gone } = verdict
  const against =
    basis === 'card'
      ? `its cross-validation against the one on the card of ${current}`
      : `its cross-validation against the answers of ${current} on the same rows, which it may have learned from`
  return [
    `Class by class, ${against}:`,
    ...(hasSeenRows
      ? [`  ${current} learned from these very rows: its answers above are no test of it.`]
      : []),
    ...renderClasses('better', better),
    ...renderClasses('worse', worse),
    ...gone
      .slice(0, maxNamed)
      .map((label) => `  gone    ${shorten(label)}: the new model can’t say it`),
    ...(worse.length + gone.length === 0 ? ['  No class got worse beyond noise.'] : []),
  ]
}

function renderClasses(word: string, changes: readonly ClassChange[]): readonly string[] {
  const lines = changes
    .slice(0, maxNamed)
    .map(
      ({ label, before, now, difference }) =>
        `  ${word.padEnd(6)}  ${shorten(label)}: F1 ${percent(before)} → ${percent(now)}, ${pointsWithin(difference)} points`,
    )
  const rest = changes.length - lines.length
  return rest > 0 ? [...lines, `  ${word.padEnd(6)}  and ${rest} more`] : lines
}
