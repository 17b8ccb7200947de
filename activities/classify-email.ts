import { cancellationSignal } from '@temporalio/activity'
import type { Db } from '../db/database.js'
import type { KeyRing } from '../db/key-ring.js'
import type { ClassificationError } from '../db/schema/email-classification.js'
import type { InferenceProvider } from '../services/adapters/inference.js'
import type { EmailClassifier } from '../engine/classifier.js'
import type { Language } from '../engine/labels.js'
import type { PdfReaders } from '../services/extraction/pdf-readers.js'
import { readTextFile } from '../services/extraction/read-text-file.js'
import { ExtractionError } from '../services/extraction/extraction-errors.js'
import { failuresOf } from './failures.js'
import { withHeartbeat } from './with-heartbeat.js'
import { describeText } from '../services/email-classification/describe-text.js'
import { draftReply } from '../services/email-classification/draft-reply.js'
import type {
  ClassifyInput,
  DraftReplyInput,
  ExtractTextInput,
  OpenedClassification,
} from '../services/email-classification/email-result.js'
import { mustNotBeAnswered } from '../services/email-classification/must-not-be-answered.js'
import { createOpenClassifications } from '../services/email-classification/open-classifications.js'
import type { RunInput } from '../workflow-definitions.js'
import { findPersonName } from '../engine/email-syntax/person-name.js'
import { createProviderActivities } from './classify-with-provider.js'

export interface EmailActivityDependencies {
  readonly db: Db
  readonly keys: KeyRing
  readonly classifier: EmailClassifier
  readonly provider: InferenceProvider | undefined
  readonly pdfReaders: Pick<PdfReaders, 'read'>
}

const permanentFailure = failuresOf<ClassificationError>()

/**
 * The steps of an e-mail's classification. Each is idempotent by the run's id: it works on what the row
 * says and writes the same again when it is tried again; a run that is over is left alone.
 */
export function createEmailActivities(dependencies: EmailActivityDependencies) {
  const { db, keys, classifier, provider, pdfReaders } = dependencies
  const opened = createOpenClassifications(db, keys)

  async function readPdf(runId: string): Promise<string> {
    const caller = await opened.getCaller(runId)
    const load = () => opened.getFile(runId)
    const { text } = await withHeartbeat(() =>
      pdfReaders.read({ caller, load, signal: cancellationSignal() }),
    )
    return text
  }

  return {
    ...createProviderActivities({ opened, classifier, provider }),

    /** The first step: null where the run is over, so that nothing is done twice. */
    async openJob({ runId }: RunInput): Promise<OpenedClassification | null> {
      const found = await opened.find(runId)
      return found === undefined
        ? null
        : { source: found.source, hasProvider: provider !== undefined }
    },

    /** A text needs no extraction: it was checked when it came in. */
    async extractText({ runId, source }: ExtractTextInput): Promise<void> {
      if (source === 'text') return
      try {
        const text =
          source === 'pdf' ? await readPdf(runId) : readTextFile(await opened.getFile(runId))
        await opened.storeText(runId, text)
      } catch (error) {
        if (error instanceof ExtractionError)
          throw permanentFailure(error.code, 'The file can not be read.')
        throw error
      }
    },

    async detectLanguage({ runId }: RunInput): Promise<{ language: Language }> {
      return { language: classifier.detectLanguage(await opened.getText(runId)) }
    },

    async classify({ runId, language, degraded }: ClassifyInput): Promise<void> {
      const text = await opened.getText(runId)
      const { category, topic, confidence, needsReview, explanation, modelVersion } =
        classifier.classify(text, language)
      await opened.storeOutcome(runId, {
        ...describeText(text),
        category,
        topic,
        confidence,
        needs_review: needsReview,
        explanation,
        language,
        engine: 'local',
        degraded,
        model_version: modelVersion,
      })
    },

    async draftReply({ runId, degraded }: DraftReplyInput): Promise<void> {
      const outcome = await opened.getOutcome(runId)
      const text = await opened.getText(runId)
      const draft = mustNotBeAnswered({ text, topic: outcome.topic })
        ? ''
        : draftReply({ ...outcome, personName: findPersonName(text) })
      await opened.storeOutcome(runId, { ...outcome, degraded, suggested_response: draft })
    },
  }
}
