import { confidenceOf, decide, trustIn } from '../../../engine/model/judge.js'
import { decodeModelFile } from '../../../engine/model/model-file.js'
import { createViewer } from '../../../engine/model/text-model.js'
import type { BenchRow } from './data/bench-row.js'
import type { Setting } from './setting.js'

/** Measures of how sure a model is of a text. */
export interface Look {
  /** The calibrated confidence, which the product shows. */
  readonly confidence: number
  /** The probability, before the calibration by a curve. */
  readonly share: number
  readonly best: number
  /** The distance between the best score and the next. */
  readonly margin: number
  readonly familiarity: number
}

/** Gives the parts that a model's predictions are made of. */
export function lookAt(
  bytes: Uint8Array,
  embedding: Setting['embedding'] | undefined,
  rows: readonly BenchRow[],
): readonly Look[] {
  const model = decodeModelFile('bench', bytes)
  const { calibration, grouping } = model
  const view = createViewer(model, embedding)
  return rows.map(({ sample }) => {
    const seen = view(sample)
    const scores = seen.score(0)
    const verdict = decide(scores, grouping, calibration)
    const trust = trustIn(seen.vector.familiarity, calibration, '')
    const [best = 0, second = 0] = scores.toSorted((left, right) => right - left)
    return {
      confidence: confidenceOf(verdict, calibration, grouping.groups.length, trust),
      share: verdict.share,
      best,
      margin: best - second,
      familiarity: seen.vector.familiarity,
    }
  })
}
