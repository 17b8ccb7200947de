import type { JudgedRow } from '../../../engine/evaluation/judged-row.js'
import { createRandom } from '../../../engine/text/hashing.js'

/** One row; what a test doesn't say doesn't matter to it. */
export const row = (
  truth: string,
  predicted: string,
  more: Partial<JudgedRow> = {},
): JudgedRow => ({
  truth,
  predicted,
  confidence: 0.9,
  needsReview: false,
  language: '',
  ...more,
})

export interface MakeRowsInput {
  readonly rows: number
  readonly labels: readonly string[]
  /** Of two calls with one seed the truths are equal. */
  readonly seed?: number
  /** How often a row is right, given the confidence it has. */
  readonly rightAt?: (confidence: number) => number
}

/** Rows as a model gives them: confidences from 0.5 to 1, right as often as they say unless told otherwise. */
export function makeRows(input: MakeRowsInput): readonly JudgedRow[] {
  const { rows, labels, seed = 1, rightAt = (confidence: number) => confidence } = input
  const random = createRandom(seed)
  const share = () => random() / 2 ** 32
  const pick = (place: number) => labels[Math.floor(place * labels.length)]!
  return Array.from({ length: rows }, () => {
    const truth = pick(share())
    const wrong = pick(share())
    const luck = share()
    const confidence = 0.5 + share() / 2
    const predicted = luck < rightAt(confidence) ? truth : other(truth, wrong, labels)
    return { truth, predicted, confidence, needsReview: confidence < 0.6, language: '' }
  })
}

const other = (truth: string, wrong: string, labels: readonly string[]): string =>
  wrong === truth ? labels[(labels.indexOf(truth) + 1) % labels.length]! : wrong
