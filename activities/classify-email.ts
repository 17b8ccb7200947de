import { cancellationSignal } from '@temporalio/activity'
import type { Db } from '../db/database.js'
import { findJob, recordEnd } from '../db/jobs.js'
import type { KeyRing } from '../db/key-ring.js'
import type { InferenceProvider } from '../services/adapters/inference.js'
import type { EmailClassifier } from '../engine/classifier.js'
import type { Language } from '../engine/labels.js'
import type { PdfOptions } from '../services/extraction/extract-pdf-text.js'
import { extractUpload } from '../services/extraction/extract-upload.js'
import { ExtractionError } from '../services/extraction/extraction-errors.js'
import { permanentFailure } from './failures.js'
import { withHeartbeat } from './with-heartbeat.js'
import { describeText } from '../services/email-classification/describe-text.js'
import { draftReply } from '../services/email-classification/draft-reply.js'
import type {
  ClassifyEmailInput,
  ClassifyInput,
  DraftReplyInput,
  ExtractTextInput,
  OpenedJob,
  RecordFailureInput,
  RecordResultInput,
} from '../services/email-classification/email-job.js'
import { mustNotBeAnswered } from '../services/email-classification/must-not-be-answered.js'
import { createOpenJobs, jobOver } from '../services/email-classification/open-jobs.js'
import { findPersonName } from '../engine/email-syntax/person-name.js'
import { createProviderActivities } from './classify-with-provider.js'

export interface EmailActivityDependencies {
  readonly db: Db
  readonly keys: KeyRing
  readonly classifier: EmailClassifier
  readonly provider: InferenceProvider | undefined
  readonly pdfLimits: Pick<PdfOptions, 'maxPages' | 'timeoutMs' | 'maxCharacters'>
}

/**
 * The steps of an e-mail's classification. Each is idempotent by the job's id: it works on what the row
 * says and writes the same again when it is tried again; a job that is over is left alone.
 */
export function createEmailActivities(dependencies: EmailActivityDependencies) {
  const { db, keys, classifier, provider, pdfLimits } = dependencies
  const jobs = createOpenJobs(db, keys)

  return {
    ...createProviderActivities({ jobs, classifier, provider }),

    /** The first step of every run: null where the job is over, so that nothing is done twice. */
    async openJob({ jobId }: ClassifyEmailInput): Promise<OpenedJob | null> {
      const job = await jobs.find(jobId)
      return job === undefined ? null : { source: job.source, hasProvider: provider !== undefined }
    },

    /** A text needs no extraction: it was checked when it came in. */
    async extractText({ jobId, source }: ExtractTextInput): Promise<void> {
      if (source === 'text') return
      try {
        const upload = { bytes: await jobs.getFile(jobId), kind: source }
        const text = await withHeartbeat(() =>
          extractUpload(upload, { ...pdfLimits, signal: cancellationSignal() }),
        )
        await jobs.storeText(jobId, text)
      } catch (error) {
        if (error instanceof ExtractionError)
          throw permanentFailure(error.code, 'The file can not be read.')
        throw error
      }
    },

    async detectLanguage({ jobId }: ClassifyEmailInput): Promise<{ language: Language }> {
      return { language: classifier.detectLanguage(await jobs.getText(jobId)) }
    },

    async classify({ jobId, language, degraded }: ClassifyInput): Promise<void> {
      const text = await jobs.getText(jobId)
      const { category, topic, confidence, needsReview, explanation, modelVersion } =
        classifier.classify(text, language)
      await jobs.storeOutcome(jobId, {
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

    async draftReply({ jobId, degraded }: DraftReplyInput): Promise<void> {
      const outcome = await jobs.getOutcome(jobId)
      const text = await jobs.getText(jobId)
      const draft = mustNotBeAnswered({ text, topic: outcome.topic })
        ? ''
        : draftReply({ ...outcome, personName: findPersonName(text) })
      await jobs.storeOutcome(jobId, { ...outcome, degraded, suggested_response: draft })
    },

    /** @throws job_over where another end came first, so that the run ends without effect */
    async recordResult({ jobId, ...reached }: RecordResultInput): Promise<void> {
      jobs.forget(jobId)
      if (await recordEnd(db, jobId, { status: 'completed' }, reached)) return
      const row = await findJob(db, jobId)
      if (row?.status !== 'completed') throw jobOver()
    },

    async recordFailure({ jobId, error, ...reached }: RecordFailureInput): Promise<void> {
      jobs.forget(jobId)
      await recordEnd(db, jobId, { status: 'failed', error }, reached)
    },
  }
}
