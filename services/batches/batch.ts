/** What the workflow of a batch and its steps tell each other: ids and counts alone. */
export interface ClassifyBatchInput {
  readonly batchId: string
}

export interface ClassifyBatchResult {
  readonly chunks: number
}

export interface OpenedBatch {
  readonly chunks: number
}

export interface ClassifyChunkInput {
  readonly batchId: string
  /** From 0. */
  readonly chunk: number
}

/** How far a batch has come. */
export interface BatchProgress {
  readonly chunks: number
  readonly done: number
}
