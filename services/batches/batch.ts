import type { RunInput } from '../../workflow-definitions.js'

/** What the workflow of a batch and its steps tell each other: ids and counts alone. */
export interface OpenedBatch {
  readonly items: number
  readonly chunkSize: number
  readonly chunks: number
}

export interface ClassifyChunkInput extends RunInput {
  /** From 0. */
  readonly chunk: number
}
