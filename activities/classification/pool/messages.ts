import type { MessagePort } from 'node:worker_threads'
import type { LearnInput } from './engine.js'

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

export interface LearnTask extends LearnInput {
  /** Where progress goes, as ProgressMessage. */
  readonly progress: MessagePort
}

export interface CrossValidateTask extends LearnTask {
  readonly folds: number
}

export interface ProgressMessage {
  readonly message: string
  readonly share: number
}
