import type { JudgedRow } from '../../../engine/evaluation/judged-row.js'
import {
  crossValidateModel,
  learnModel,
  type LearnedModel,
} from '../../../engine/learning/learn-model.js'
import { assignFolds } from '../../../engine/learning/out-of-fold.js'
import type { Sample } from '../../../engine/samples.js'
import { decodeModel, type TextModel } from '../../../engine/model/text-model.js'
import type { Task } from '../../../engine/tasks.js'
import type { BenchRow } from './data/bench-row.js'
import { foldRows, type FoldedRow } from './rows-file.js'
import type { Setting } from './setting.js'

type Embedding = Setting['embedding'] | undefined

export const folds = 5

/** Judges each row by a model and a calibration that saw neither it nor its fold. */
export function judgeFolds(
  name: string,
  task: Task,
  rows: readonly BenchRow[],
  embedding: Embedding,
): readonly JudgedRow[] {
  return crossValidateModel({
    task,
    samples: rows.map(({ sample }) => sample),
    embedding,
    folds,
    onProgress: tell(name),
  })
}

/** The folds of judgeFolds(), for the baseline. */
export function dealLikeEngine(rows: readonly BenchRow[]): readonly FoldedRow[] {
  const dealt = assignFolds(
    rows.map(({ sample }) => sample.label),
    folds,
  )
  return foldRows(rows, (at) => dealt[at] ?? 0)
}

export interface Learned {
  readonly model: TextModel
  readonly bytes: LearnedModel['bytes']
  /** The learned rows, judged in cross-validation. */
  readonly heldOut: readonly JudgedRow[]
}

/** Learns a model as `triagem train` does, calibration included. */
export function learn(
  name: string,
  task: Task,
  rows: readonly BenchRow[],
  embedding: Embedding,
): Learned {
  const { bytes, heldOut } = learnModel({
    task,
    samples: rows.map(({ sample }) => sample),
    embedding,
    onProgress: tell(name),
    made: '2026-11-25',
    sources: [],
  })
  return { model: decodeModel(name, bytes, embedding), bytes, heldOut }
}

/** Rows that the model has not seen. */
export const judgeRows = (model: TextModel, rows: readonly BenchRow[]): readonly JudgedRow[] =>
  rows.map(({ sample }) => ({
    ...judgeSample(model, sample),
    truth: sample.label,
    language: '',
  }))

function judgeSample(model: TextModel, sample: Sample) {
  const { label: predicted, confidence, needsReview } = model.predict(sample)
  return { predicted, confidence, needsReview }
}

/** Prints a line for each fifth of the work. */
function tell(name: string): (message: string, share: number) => void {
  let next = 0.2
  return (message, share) => {
    if (share < next) return
    next = share + 0.2
    console.log(`  ${name}: ${message}, ${Math.round(share * 100)} %`)
  }
}
