import type { JudgedRow } from '../evaluation/judged-row.js'
import type { LabelledSample, Sample } from '../samples.js'
import type { Task } from '../tasks.js'

export interface Prediction {
  readonly label: string
  /** Calibrated, 0 to 1. */
  readonly confidence: number
  readonly needsReview: boolean
  /** The text is like what the model learned from. */
  readonly isFamiliar: boolean
}

export interface ModelCard {
  readonly task: Task
  readonly version: string
  readonly labels: readonly string[]
  /** ISO moment. */
  readonly made: string
  readonly examples: number
  readonly examplesSha256: string
  readonly sources: readonly { readonly name: string; readonly licence: string }[]
  /** Cross-validated. */
  readonly quality: unknown
}

export interface LearnInput {
  readonly task: Task
  readonly samples: readonly LabelledSample[]
}

export interface LearnedModel {
  readonly bytes: Uint8Array
  readonly card: ModelCard
  /** Cross-validated, in the order of the samples. */
  readonly heldOut: readonly JudgedRow[]
}

/** @param share 0 to 1 */
export type OnProgress = (message: string, share: number) => void

/** What a thread of the pool does: the engine, with whatever it needs at hand. */
export interface Engine {
  /** @throws Error that names a model which can't be read */
  open(name: string, bytes: Buffer): Promise<OpenModel>
  /** @throws Error with a sentence that says what to do */
  learn(input: LearnInput, onProgress: OnProgress): Promise<LearnedModel>
  crossValidate(
    input: LearnInput & { readonly folds: number },
    onProgress: OnProgress,
  ): Promise<readonly JudgedRow[]>
}

export interface OpenModel {
  readonly card: ModelCard
  predict(sample: Sample): Prediction
}
