import { decodeText } from './decode-text.js'
import { extractPdfText, type PdfOptions } from './extract-pdf-text.js'
import { ExtractionError } from './extraction-errors.js'
import { looksLikePdf } from './looks-like-pdf.js'
import { NotTextError } from './not-text-error.js'

export interface Upload {
  readonly bytes: Uint8Array
  readonly kind: 'txt' | 'pdf'
}

/**
 * The cleaned text of an uploaded file; it holds more than white space. Options are for PDFs (see
 * extractPdfText). Throws ExtractionError when the file is at fault, whatever is wrong with it.
 */
export async function extractUpload(upload: Upload, options: PdfOptions): Promise<string> {
  const text = await readUpload(upload, options)
  if (text.trim() === '') throw new ExtractionError('empty_text')
  return text
}

async function readUpload({ bytes, kind }: Upload, options: PdfOptions): Promise<string> {
  if (bytes.length === 0) throw new ExtractionError('empty_text')
  switch (kind) {
    case 'txt':
      // A PDF's own source may be all ASCII, and would then pass for text.
      if (looksLikePdf(bytes.subarray(0, PDF_HEADER_BYTES))) throw new NotTextError()
      return decodeText(bytes)
    case 'pdf':
      return (await extractPdfText(bytes, options)).text
  }
}

const PDF_HEADER_BYTES = 5
