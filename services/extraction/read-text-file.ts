import { decodeText } from './decode-text.js'
import { ExtractionError } from './extraction-errors.js'
import { looksLikePdf } from './looks-like-pdf.js'
import { NotTextError } from './not-text-error.js'

/**
 * The cleaned text of an uploaded text file; it holds more than white space.
 *
 * @throws ExtractionError when the file is at fault, whatever is wrong with it
 */
export function readTextFile(bytes: Uint8Array): string {
  // A PDF's own source may be all ASCII, and would then pass for text.
  if (looksLikePdf(bytes.subarray(0, pdfHeaderBytes))) throw new NotTextError()
  const text = decodeText(bytes)
  if (text.trim() === '') throw new ExtractionError('empty_text')
  return text
}

const pdfHeaderBytes = 5
