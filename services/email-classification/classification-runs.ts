import { classificationKind, deleteClassification, findOutcomes } from '../../db/classifications.js'
import { openText } from '../../db/key-ring.js'
import { classificationPlace } from '../../db/seal-places.js'
import type {
  ClassificationError,
  ClassificationStep,
} from '../../db/schema/email-classification.js'
import { classifyEmailWorkflow } from '../../workflow-definitions.js'
import { extractionSentences } from '../extraction/extraction-errors.js'
import type { ResultSource, RunKind, RunResultFinder, Words } from '../runs/run-kind.js'
import type { EmailResult } from './email-result.js'

/** The runs that classify one e-mail and draft its answer. */
export const classificationRuns = {
  name: classificationKind,
  workflow: classifyEmailWorkflow,
  scope: 'classify',
  steps: {
    extracting_text: { pt: 'Extraindo o texto', en: 'Extracting the text' },
    detecting_language: { pt: 'Identificando o idioma', en: 'Detecting the language' },
    classifying: { pt: 'Classificando', en: 'Classifying' },
    generating_response: { pt: 'Redigindo a resposta', en: 'Drafting the answer' },
  } satisfies Record<ClassificationStep, Words>,
  errors: extractionSentences satisfies Record<ClassificationError, Words>,
  findResults: (input, ids) => findEmailResults(input, ids),
  removeContent: deleteClassification,
} as const satisfies RunKind<typeof classificationKind>

/** The outcome of a run that is not completed is no result yet: ask for those that are. */
const findEmailResults = (async ({ db, keys }, ids) => {
  const rows = await findOutcomes(db, ids)
  const results = rows.flatMap(({ id, outcome }) =>
    outcome === null
      ? []
      : [
          [
            id,
            () =>
              JSON.parse(
                openText(keys, outcome, classificationPlace('outcome', id)),
              ) as EmailResult,
          ] as const,
        ],
  )
  return new Map(results)
}) satisfies RunResultFinder<EmailResult>

/** @returns undefined where the run is gone, or not completed */
export async function findEmailResult(
  input: ResultSource,
  id: string,
): Promise<EmailResult | undefined> {
  return (await findEmailResults(input, [id])).get(id)?.()
}
