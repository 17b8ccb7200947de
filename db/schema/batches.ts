import type { Sealed } from '../sealed.js'
import type { Defaulted } from './columns.js'

/** The steps of a batch on its way. */
export type BatchStep = 'classifying'

/** Why a batch can't be classified. */
export type BatchError = 'no_model'

/** What a run of kind `batch` works on: many texts. */
export interface BatchesTable {
  /** Of its run. */
  readonly id: string
  readonly task: string
  readonly items: number
  readonly chunk_size: number
}

export interface BatchChunksTable {
  readonly batch_id: string
  /** From 0. */
  readonly index: number
  /** JSON: the items. */
  readonly content: Sealed
  /** What the items were classified as; null until done. */
  result: Defaulted<Sealed | null>
  /** Of the model that judged the chunk. */
  model_version: Defaulted<string | null>
}
