import { randomBytes } from 'node:crypto'
import { cancellationSignal } from '@temporalio/activity'
import type { Db } from '../../db/database.js'
import { findJob, findOpenJob, recordEnd, updateExtracted, updateOutcome } from '../../db/jobs.js'
import { type KeyRing, openText, sealJson, sealText } from '../../db/key-ring.js'
import type { JobRow } from '../../db/schema.js'
import type { InferenceProvider } from '../adapters/inference.js'
import type { EmailClassifier } from '../classification/classifier.js'
import { splitEmail } from '../classification/email-text.js'
import type { Language } from '../classification/labels.js'
import { extractUpload } from '../extraction/extract-upload.js'
import { ExtractionError } from '../extraction/extraction-errors.js'
import { jobOverFailureType, permanentFailure } from '../failures.js'
import { withHeartbeat } from '../with-heartbeat.js'
import { draftReply } from './draft-reply.js'
import type {
  ClassifyEmailInput,
  ClassifyInput,
  DraftReplyInput,
  EmailResult,
  Judgement,
  OpenedJob,
  RecordFailureInput,
  RecordResultInput,
} from './email-job.js'
import { askProvider } from './ask-provider.js'
import {
  classificationPrompt,
  draftPrompt,
  parseClassification,
  parseDraft,
} from './inference-prompt.js'
import { findPersonName } from './person-name.js'

export interface EmailActivityDependencies {
  readonly db: Db
  readonly keys: KeyRing
  readonly classifier: EmailClassifier
  readonly provider: InferenceProvider | undefined
  readonly pdfLimits: {
    readonly maxPages: number
    readonly timeoutMs: number
    readonly maxCharacters: number
  }
}

/** What classification leaves for the draft: the result without its answer. */
type Outcome = Omit<EmailResult, 'suggested_response'> & { readonly suggested_response?: string }

/**
 * The steps of an e-mail's classification. Each is idempotent by the job's id: it reads the row, works,
 * and writes the same again when it is tried again; a row that is over is left alone.
 */
export function createEmailActivities(dependencies: EmailActivityDependencies) {
  const { db, keys, classifier, provider, pdfLimits } = dependencies

  const getOpenJob = async (jobId: string): Promise<OpenRow> => {
    const row = await findOpenJob(db, jobId)
    if (row?.content == null) throw jobOver()
    return { ...row, content: row.content }
  }
  const getText = (row: OpenRow): string => openText(keys, row.extracted ?? row.content)
  const getOutcome = (row: OpenRow): Outcome => {
    if (row.outcome === null) throw new Error('The job was not classified yet.')
    return JSON.parse(openText(keys, row.outcome)) as Outcome
  }
  const store = async (jobId: string, outcome: Outcome): Promise<Judgement> => {
    await updateOutcome(db, jobId, sealJson(keys, outcome))
    const { category, topic, confidence } = outcome
    return { category, topic, confidence }
  }

  return {
    /** The first step of every run: null where the job is over, so that nothing is done twice. */
    async openJob({ jobId }: ClassifyEmailInput): Promise<OpenedJob | null> {
      const row = await findOpenJob(db, jobId)
      return row === undefined ? null : { source: row.source, hasProvider: provider !== undefined }
    },

    async extractText({ jobId }: ClassifyEmailInput): Promise<{ characters: number }> {
      const row = await getOpenJob(jobId)
      if (row.source === 'text') return { characters: getText(row).length }
      try {
        const upload = { bytes: keys.open(row.content), kind: row.source }
        const text = await withHeartbeat(() =>
          extractUpload(upload, { ...pdfLimits, signal: cancellationSignal() }),
        )
        await updateExtracted(db, jobId, sealText(keys, text))
        return { characters: text.length }
      } catch (error) {
        if (error instanceof ExtractionError)
          throw permanentFailure(error.code, 'The file can not be read.')
        throw error
      }
    },

    async detectLanguage({ jobId }: ClassifyEmailInput): Promise<{ language: Language }> {
      return { language: classifier.detectLanguage(getText(await getOpenJob(jobId))) }
    },

    async classify({ jobId, language, degraded }: ClassifyInput): Promise<Judgement> {
      const text = getText(await getOpenJob(jobId))
      const { category, topic, confidence, needsReview, explanation, modelVersion } =
        classifier.classify(text, language)
      return await store(jobId, {
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

    async classifyWithProvider({ jobId, language }: ClassifyInput): Promise<Judgement> {
      const text = getText(await getOpenJob(jobId))
      const known = describeText(text)
      const prompt = classificationPrompt({
        text,
        subject: known.subject,
        language,
        mark: newMark(),
      })
      const asked = getProvider(provider)
      const answer = await askProvider(
        asked,
        { ...prompt, maxTokens: 200, json: true },
        parseClassification,
      )
      // A model's own confidence is not accuracy: where our engine says otherwise a person looks.
      const local = classifier.classify(text, language)
      const agreed = local.category === answer.category
      return await store(jobId, {
        ...known,
        category: answer.category,
        topic: answer.topic ?? classifier.classifyTopic(text, answer.category),
        confidence: agreed ? Math.max(local.confidence, answer.confidence ?? 0) : 0.5,
        needs_review: !agreed,
        explanation: agreed ? local.explanation : [],
        language,
        engine: asked.name,
        degraded: false,
        model_version: asked.model,
      })
    },

    async draftReply({ jobId, degraded }: DraftReplyInput): Promise<{ characters: number }> {
      const row = await getOpenJob(jobId)
      const outcome = getOutcome(row)
      const draft = draftReply({ ...outcome, personName: findPersonName(getText(row)) })
      await store(jobId, { ...outcome, degraded, suggested_response: draft })
      return { characters: draft.length }
    },

    async draftReplyWithProvider({ jobId }: DraftReplyInput): Promise<{ characters: number }> {
      const row = await getOpenJob(jobId)
      const outcome = getOutcome(row)
      const personName = findPersonName(getText(row))
      // What must not be answered is decided here, never by what a model feels like writing.
      const local = draftReply({ ...outcome, personName })
      const mark = newMark()
      const draft =
        local === ''
          ? ''
          : await askProvider(
              getProvider(provider),
              {
                ...draftPrompt({
                  text: getText(row),
                  subject: outcome.subject,
                  language: outcome.language,
                  category: outcome.category,
                  topic: outcome.topic,
                  mark,
                  ...(personName === undefined ? {} : { personName }),
                }),
                maxTokens: 600,
              },
              (answer) => parseDraft(answer, mark),
            )
      await store(jobId, { ...outcome, suggested_response: draft })
      return { characters: draft.length }
    },

    /** @throws where another end came first, so that the run ends without effect */
    async recordResult({ jobId, ...reached }: RecordResultInput): Promise<void> {
      if (await recordEnd(db, jobId, { status: 'completed' }, reached)) return
      const row = await findJob(db, jobId)
      if (row?.status !== 'completed') throw jobOver()
    },

    async recordFailure({ jobId, error, ...reached }: RecordFailureInput): Promise<void> {
      await recordEnd(db, jobId, { status: 'failed', error }, reached)
    },
  }
}

type OpenRow = Pick<JobRow, 'source' | 'extracted' | 'outcome'> & { readonly content: Buffer }

const jobOver = () => permanentFailure(jobOverFailureType, 'The job is over.')

const newMark = () => randomBytes(16).toString('hex')

const shownCharacters = 100

/** What is known of a text before anybody judged it. */
function describeText(
  text: string,
): Pick<EmailResult, 'subject' | 'processed_text' | 'original_length'> {
  const trimmed = text.trim()
  return {
    subject: splitEmail(text).subject,
    processed_text: trimmed.slice(0, shownCharacters).toWellFormed(),
    original_length: trimmed.length,
  }
}

function getProvider(provider: InferenceProvider | undefined): InferenceProvider {
  if (provider === undefined) throw permanentFailure('internal', 'No provider is set here.')
  return provider
}
