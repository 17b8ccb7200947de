import { z } from 'zod'
import type { RunProgress } from '../../../db/run-progress.js'
import type { ClassificationStep } from '../../../db/schema/email-classification.js'
import type { CommonRunStep, RunRow } from '../../../db/schema/runs.js'
import { categories, languages } from '../../../engine/labels.js'
import { classificationRuns } from '../../../services/email-classification/classification-runs.js'
import type { EmailResult } from '../../../services/email-classification/email-result.js'
import type { ReaderLanguage, Sentence } from '../../http/reader-language.js'
import { renderRunError, renderRunStep } from '../runs/run-words.js'

/** The states of contract 1. */
const jobStatuses = [
  'pending',
  'processing',
  'extracting_text',
  'classifying',
  'generating_response',
  'completed',
  'failed',
] as const
export type JobStatus = (typeof jobStatuses)[number]

const statusOfStep: Readonly<Record<string, JobStatus>> = {
  queued: 'pending',
  starting: 'processing',
  extracting_text: 'extracting_text',
  detecting_language: 'classifying',
  classifying: 'classifying',
  generating_response: 'generating_response',
  done: 'completed',
  stopped: 'failed',
} satisfies Record<CommonRunStep | ClassificationStep, JobStatus>

const statusSentences: Readonly<Record<JobStatus, Sentence>> = {
  pending: { pt: 'O e-mail aguarda a vez.', en: 'The e-mail is waiting its turn.' },
  processing: { pt: 'O e-mail está sendo processado.', en: 'The e-mail is being processed.' },
  extracting_text: { pt: 'O texto está sendo lido.', en: 'The text is being read.' },
  classifying: { pt: 'O e-mail está sendo classificado.', en: 'The e-mail is being classified.' },
  generating_response: {
    pt: 'A resposta está sendo redigida.',
    en: 'The answer is being drafted.',
  },
  completed: { pt: 'Classificação concluída.', en: 'Classification completed.' },
  failed: { pt: 'A classificação não foi concluída.', en: 'The classification was not completed.' },
}

/** What contract 1 calls the state of a classification. @param step of its run */
export const toJobStatus = (step: string): JobStatus => statusOfStep[step] ?? 'processing'

/** A job as clients read it: the same object by polling and in each frame (contract 1). */
export const jobStateSchema = z
  .object({
    job_id: z.uuid(),
    status: z.enum(jobStatuses),
    progress: z.int().min(0).max(100),
    current_step: z.string(),
    message: z.string(),
    result: z
      .object({
        category: z.enum(categories),
        confidence: z.number().min(0).max(1),
        suggested_response: z.string().describe('"" where none must be sent'),
        processed_text: z.string().describe('the first 100 characters'),
        original_length: z.int().describe('characters of the trimmed text'),
        needs_review: z.boolean(),
        language: z.enum(languages),
        subject: z.string(),
        topic: z.string(),
        explanation: z.array(z.object({ feature: z.string(), weight: z.number() })),
        engine: z.string().describe('local, or the provider asked'),
        degraded: z.boolean().describe('a provider was to be asked and could not answer'),
        model_version: z.string(),
      })
      .nullable(),
    error: z.string().nullable(),
    seq: z.int(),
    epoch: z.int(),
  })
  .meta({ id: 'JobState' })

export type JobState = z.infer<typeof jobStateSchema>

/** @param result of a completed run; undefined where it has none, or none yet */
export function renderJobRow(
  row: RunRow,
  result: EmailResult | undefined,
  language: ReaderLanguage,
): JobState {
  return render(row, result, row.error, language)
}

/** A step on the way, as it came by NOTIFY: it has neither result nor error. */
export function renderJobProgress(progress: RunProgress, language: ReaderLanguage): JobState {
  return render(progress, undefined, null, language)
}

/** What a socket is told of a job that there isn't: the whole shape, so that every page can read it. */
export function renderUnknownJob(jobId: string, sentence: string): JobState {
  return {
    job_id: jobId,
    status: 'failed',
    progress: 0,
    current_step: '',
    message: sentence,
    result: null,
    error: sentence,
    seq: 0,
    epoch: 0,
  }
}

function render(
  state: RunProgress,
  result: EmailResult | undefined,
  error: string | null,
  language: ReaderLanguage,
): JobState {
  const status = toJobStatus(state.step)
  return {
    job_id: state.id,
    status,
    progress: state.progress,
    current_step: renderRunStep(classificationRuns, state.step)[language],
    message: statusSentences[status][language],
    result: result === undefined ? null : { ...result, explanation: [...result.explanation] },
    error: error === null ? null : renderRunError(classificationRuns, error)[language],
    seq: state.seq,
    epoch: state.epoch,
  }
}
