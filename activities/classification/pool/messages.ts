import type { MessagePort } from 'node:worker_threads'
import type { CrossValidateInput, LearnInput } from './engine.js'

/** A model as threads share it. */
export interface SharedModel {
  /** Of its content: a thread opens each once. */
  readonly key: string
  /** Where it comes from, for a message. */
  readonly name: string
  readonly bytes: SharedArrayBuffer
}

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
