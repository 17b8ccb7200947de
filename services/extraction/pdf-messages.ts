import { z } from 'zod'

/** What the reading process says; it has read hostile files, so the parent checks each message. */
export const pdfMessage = z.discriminatedUnion('type', [
  /** Once, when the reader is loaded: from here on what goes wrong is the file's doing. */
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('page'), page: z.int(), pages: z.int() }),
  z.object({ type: z.literal('text'), text: z.string(), pages: z.int() }),
  z.object({
    type: z.literal('failed'),
    code: z.enum([
      'pdf_encrypted',
      'pdf_damaged',
      'pdf_without_text',
      'pdf_too_many_pages',
      'pdf_too_large',
    ]),
  }),
  /** The reader itself could not be loaded: the installation is at fault, not the file. */
  z.object({ type: z.literal('broken'), reason: z.string() }),
])

export type PdfMessage = z.infer<typeof pdfMessage>
export type PdfFailureCode = Extract<PdfMessage, { type: 'failed' }>['code']

/** What the parent asks for: one file at a time, the next one after the answer to the last. */
export interface PdfTask {
  readonly bytes: Uint8Array
  readonly maxPages: number
  readonly maxCharacters: number
}
