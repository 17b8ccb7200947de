import type { JudgedRow } from '../evaluation/judged-row.js'
import type { LearnedModel } from '../learning/learn-model.js'
import type { ModelCard } from '../model/model-card.js'
import type { LabelledSample } from '../samples.js'
import type { Task } from '../tasks.js'
import type { TextModel } from '../model/text-model.js'

export interface CrossValidateInput {
  readonly task: Task
  readonly samples: readonly LabelledSample[]
  readonly folds: number
}

export interface LearnInput extends Omit<CrossValidateInput, 'folds'> {
  /** ISO: when the examples were as they are. A part of the bytes, so not the clock's time. */
  readonly made: string
  readonly sources: ModelCard['sources']
}

/** @param share 0 to 1 */
export type OnProgress = (message: string, share: number) => void

/** What a thread of the pool can do. */
export interface Engine {
  /** @throws Error that names a model which can't be read */
  open(name: string, bytes: Buffer): Promise<Pick<TextModel, 'card' | 'predict'>>
  /** @throws Error with a sentence that says what to do */
  learn(
    input: LearnInput,
    onProgress: OnProgress,
  ): Promise<Omit<LearnedModel, 'bytes'> & { readonly bytes: Uint8Array }>
  crossValidate(input: CrossValidateInput, onProgress: OnProgress): Promise<readonly JudgedRow[]>
}
