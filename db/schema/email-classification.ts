import type { Selectable } from 'kysely'
import type { Sealed } from '../sealed.js'

/** The steps of a classification on its way. */
export type ClassificationStep =
  'extracting_text' | 'detecting_language' | 'classifying' | 'generating_response'

/** Why a text can't be classified. */
export type ClassificationError =
  | 'not_text'
  | 'pdf_not_pdf'
  | 'pdf_encrypted'
  | 'pdf_damaged'
  | 'pdf_without_text'
  | 'pdf_too_many_pages'
  | 'pdf_too_slow'
  | 'pdf_too_large'
  | 'empty_text'

/** Where a classified text comes from. */
export type TextSource = 'text' | 'txt' | 'pdf'

/** What a run of kind `classification` works on; the row is gone once the run is removed. */
export interface ClassificationsTable {
  /** Of its run. */
  readonly id: string
  source: TextSource
  /** A keyed hash of who sent it; null for what came before there were any: that counts as one caller's. */
  caller: string | null
  /** What was sent, text as UTF-8 or the file's bytes. */
  content: Sealed
  /** The text read from a file. Null for `text`, and before extraction. */
  extracted: Sealed | null
  /** JSON: what is known so far; the result once the run is completed. */
  outcome: Sealed | null
}

export type ClassificationRow = Selectable<ClassificationsTable>
