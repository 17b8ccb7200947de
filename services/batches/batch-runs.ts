import { batchKind, deleteBatch } from '../../db/batches.js'
import type { BatchError, BatchStep } from '../../db/schema/batches.js'
import { classifyBatchWorkflow } from '../../workflow-definitions.js'
import type { RunKind, Words } from '../runs/run-kind.js'

/** The runs that classify many texts. */
export const batchRuns = {
  name: batchKind,
  workflow: classifyBatchWorkflow,
  scope: 'classify',
  steps: {
    classifying: { pt: 'Classificando', en: 'Classifying' },
  } satisfies Record<BatchStep, Words>,
  errors: {
    no_model: {
      pt: 'Não há modelo em uso para esta tarefa: treine um e promova-o.',
      en: 'No model is in use for this task: train one and promote it.',
    },
  } satisfies Record<BatchError, Words>,
  removeContent: deleteBatch,
} as const satisfies RunKind<typeof batchKind>
