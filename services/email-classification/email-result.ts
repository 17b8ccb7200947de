import type { Category, Language, Topic } from '../../engine/labels.js'
import type { TextSource } from '../../db/schema/email-classification.js'
import type { RunInput } from '../../workflow-definitions.js'

/** What the steps of a classification take and give: ids and small results, never a text. */

export interface OpenedClassification {
  readonly source: TextSource
  /** Whether an outside provider is to be asked first. */
  readonly hasProvider: boolean
}

export interface ExtractTextInput extends RunInput {
  readonly source: TextSource
}

export interface ClassifyInput extends RunInput {
  readonly language: Language
  /** A provider was to be asked and could not answer. */
  readonly degraded: boolean
}

export interface DraftReplyInput extends RunInput {
  readonly degraded: boolean
}

/** What classification leaves for the draft: the result, at first without its answer. */
export type Outcome = Omit<EmailResult, 'suggested_response'> & {
  readonly suggested_response?: string
}

/** A classification's result as clients read it (contract 1). */
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
