import type { Category, Language, Topic } from '../../engine/labels.js'
import type { JobPosition } from '../../db/jobs.js'
import type { JobError, JobSource } from '../../db/schema.js'

/** What the steps of a job's classification take and give: ids and small results, never a text. */

export interface ClassifyEmailInput {
  readonly jobId: string
}

export interface ClassifyEmailResult {
  /** `over`: the job had ended or was gone before this run had anything to say. */
  readonly outcome: 'completed' | 'failed' | 'over'
  readonly error?: JobError
}

export interface OpenedJob {
  readonly source: JobSource
  /** Whether an outside provider is to be asked first. */
  readonly hasProvider: boolean
}

export interface ExtractTextInput {
  readonly jobId: string
  readonly source: JobSource
}

export interface ClassifyInput {
  readonly jobId: string
  readonly language: Language
  /** A provider was to be asked and could not answer. */
  readonly degraded: boolean
}

export interface DraftReplyInput {
  readonly jobId: string
  readonly degraded: boolean
}

export interface RecordResultInput extends JobPosition {
  readonly jobId: string
}

export interface RecordFailureInput extends JobPosition {
  readonly jobId: string
  readonly error: JobError
}

/** What classification leaves for the draft: the result, at first without its answer. */
export type Outcome = Omit<EmailResult, 'suggested_response'> & {
  readonly suggested_response?: string
}

/** A job's result as clients read it (contract 1). */
export interface EmailResult {
  readonly category: Category
  readonly confidence: number
  readonly suggested_response: string
  /** First 100 characters. */
  readonly processed_text: string
  /** Characters of the trimmed text. */
  readonly original_length: number
  readonly needs_review: boolean
  readonly language: Language
  readonly subject: string
  readonly topic: Topic
  readonly explanation: readonly { readonly feature: string; readonly weight: number }[]
  /** `local`, or the provider's name. */
  readonly engine: string
  readonly degraded: boolean
  readonly model_version: string
}
