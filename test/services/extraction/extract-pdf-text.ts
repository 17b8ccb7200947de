import { defaultPdfLanes } from '../../../services/extraction/pdf-readers.js'
import {
  type PdfOptions,
  type PdfText,
  startPdfReader,
} from '../../../services/extraction/pdf-reader.js'

/** Reads one PDF in a process of its own, with the product's full bounds of memory. */
export async function extractPdfText(bytes: Uint8Array, options: PdfOptions): Promise<PdfText> {
  const reader = startPdfReader(defaultPdfLanes.slow)
  try {
    return await reader.read(bytes, options)
  } finally {
    await reader.end()
  }
}
