import type { MessagePort } from 'node:worker_threads'
import type { ModelCard } from '../model/model-card.js'
import type { ModelFlaw } from '../model/model-file.js'
import type { CrossValidateInput, LearnInput } from './engine.js'

/** A model in memory that all threads share. */
export interface SharedModel {
  /** The hash of its content: a thread opens each model once. */
  readonly key: string
  /** Where it comes from, for a message. */
  readonly name: string
  readonly bytes: SharedArrayBuffer
}

/** A thread can't pass on the class of an error, so what is wrong with a model is told as a value. */
export type CardAnswer =
  { readonly card: ModelCard } | { readonly flaw: ModelFlaw; readonly message: string }

export interface PredictTask {
  readonly model: SharedModel
  /** JSON: a list of Sample. */
  readonly samples: Uint8Array
}

interface LongTask {
  /** Where progress goes, as ProgressMessage. */
  readonly progress: MessagePort
}

export type LearnTask = LearnInput & LongTask
export type CrossValidateTask = CrossValidateInput & LongTask

export interface ProgressMessage {
  readonly message: string
  readonly share: number
}
