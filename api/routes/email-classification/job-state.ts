import { z } from 'zod'
import type { EmailResult } from '../../../services/email-classification/email-job.js'
import type { JobProgress, JobStateRow } from '../../../db/jobs.js'
import { type KeyRing, openText } from '../../../db/key-ring.js'
import { type JobError, jobStatuses } from '../../../db/schema.js'
import type { ReaderLanguage } from '../../http/sentences.js'
import { jobErrorSentences, statusSentences, stepSentences } from './sentences.js'

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
        category: z.enum(['Produtivo', 'Improdutivo']),
        confidence: z.number().min(0).max(1),
        suggested_response: z.string().describe('"" where none must be sent'),
        processed_text: z.string().describe('the first 100 characters'),
        original_length: z.int().describe('characters of the trimmed text'),
        needs_review: z.boolean(),
        language: z.enum(['pt', 'en']),
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

/** @param keys opens the result, which rests sealed */
export function renderJobRow(row: JobStateRow, keys: KeyRing, language: ReaderLanguage): JobState {
  return render(row, readResult(row, keys), row.error, language)
}

/** A step on the way, as it came by NOTIFY: it has neither result nor error. */
export function renderJobProgress(progress: JobProgress, language: ReaderLanguage): JobState {
  return render(progress, null, null, language)
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
  state: JobProgress,
  result: EmailResult | null,
  error: JobError | null,
  language: ReaderLanguage,
): JobState {
  return {
    job_id: state.id,
    status: state.status,
    progress: state.progress,
    current_step: stepSentences[state.step][language],
    message: statusSentences[state.status][language],
    result: result === null ? null : { ...result, explanation: [...result.explanation] },
    error: error === null ? null : jobErrorSentences[error][language],
    seq: state.seq,
    epoch: state.epoch,
  }
}

/** The outcome grows while the job runs; it is the result only once the job is completed. */
function readResult(row: JobStateRow, keys: KeyRing): EmailResult | null {
  if (row.status !== 'completed' || row.outcome === null) return null
  return JSON.parse(openText(keys, row.outcome)) as EmailResult
}
