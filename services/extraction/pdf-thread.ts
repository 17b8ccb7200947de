import { parentPort } from 'node:worker_threads'
import './dom-matrix.js'
import { getDocument, VerbosityLevel } from 'pdfjs-dist/legacy/build/pdf.mjs'
import { cleanText } from '../../engine/clean-text.js'
import { pageLines, type TextRun } from './page-lines.js'
import type { PdfFailureCode, PdfMessage, PdfTask } from './pdf-messages.js'

type LoadingPdf = ReturnType<typeof getDocument>
type PdfDocument = Awaited<LoadingPdf['promise']>

// By pdf-process.ts, which passes on what pdf-reader.ts sends: one file at a time.
parentPort?.on('message', (task: PdfTask) => void answer(task).then(say))
say({ type: 'ready' })

async function answer(task: PdfTask): Promise<PdfMessage> {
  const loading = loadPdf(task.bytes)
  try {
    const pdf = await loading.promise
    if (pdf.numPages > task.maxPages) return { type: 'failed', code: 'pdf_too_many_pages' }
    const message = await readPages(pdf, task.maxCharacters)
    // What the file took is given back before the next one comes.
    await loading.destroy()
    return message
  } catch (error) {
    return { type: 'failed', code: failureCode(error) }
  }
}

function loadPdf(bytes: Uint8Array): LoadingPdf {
  return getDocument({
    data: bytes,
    verbosity: VerbosityLevel.ERRORS,
    isEvalSupported: false,
    useWorkerFetch: false,
    useSystemFonts: false,
    useWasm: false,
    disableFontFace: true,
  })
}

async function readPages(pdf: PdfDocument, maxCharacters: number): Promise<PdfMessage> {
  const pages = pdf.numPages
  const texts: string[] = []
  let characters = 0
  for (let page = 1; page <= pages; page += 1) {
    const text = await readPage(pdf, page)
    characters += text.length
    if (characters > maxCharacters) return { type: 'failed', code: 'pdf_too_large' }
    texts.push(text)
    say({ type: 'page', page, pages })
  }
  const text = cleanText(texts.join('\n\n')).trim()
  return text === '' ? { type: 'failed', code: 'pdf_without_text' } : { type: 'text', text, pages }
}

async function readPage(pdf: PdfDocument, number: number): Promise<string> {
  const page = await pdf.getPage(number)
  const { items } = await page.getTextContent()
  page.cleanup()
  return pageLines(items.flatMap(toRun)).trim()
}

type Item = Awaited<
  ReturnType<Awaited<ReturnType<PdfDocument['getPage']>>['getTextContent']>
>['items'][number]

function toRun(item: Item): TextRun[] {
  if (!('str' in item)) return []
  const y: unknown = item.transform[5]
  return [
    {
      text: item.str,
      endsLine: item.hasEOL,
      y: typeof y === 'number' ? y : 0,
      height: item.height,
    },
  ]
}

/** A password, or a scheme other than passwords (certificates), which the reader refuses in words only. */
function failureCode(error: unknown): PdfFailureCode {
  if (!(error instanceof Error)) return 'pdf_damaged'
  const encrypted = error.name === 'PasswordException' || /encryption method/i.test(error.message)
  return encrypted ? 'pdf_encrypted' : 'pdf_damaged'
}

function say(message: PdfMessage): void {
  parentPort?.postMessage(message)
}
