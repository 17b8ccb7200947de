/** A process of its own for a test: it reads a PDF, says its reader's process id, and stays. */
import { startPdfReader } from '../../../services/extraction/pdf-reader.js'
import { makePdf } from './make-pdf.js'

const reader = startPdfReader({ maxResidentMb: 256, maxHeapMb: 192 })
await reader.read(await makePdf(['texto']), { maxPages: 1, timeoutMs: 30_000, maxCharacters: 100 })
console.log(reader.pid)
setInterval(() => undefined, 60_000)
