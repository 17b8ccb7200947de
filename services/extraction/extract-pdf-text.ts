import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { ExtractionError } from './extraction-errors.js'
import { looksLikePdf } from './looks-like-pdf.js'
import { pdfMessage, type PdfTask } from './pdf-messages.js'

export interface PdfOptions {
  readonly maxPages: number
  /** From the start of the reading process to the last page. */
  readonly timeoutMs: number
  /** UTF-16 units over all pages. */
  readonly maxCharacters: number
  /** Ends the reading process at once; the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** Called after each page, pages counted from 1; what it throws ends the reading. */
  readonly onPage?: ((page: number, pages: number) => void) | undefined
}

export interface PdfText {
  /** Cleaned and trimmed, never empty: lines by LF, an empty line between paragraphs and pages. */
  readonly text: string
  readonly pages: number
}

/**
 * Reads a PDF's text in a process of its own, which has ended when the promise settles. Takes the whole
 * file. Throws ExtractionError when the file is at fault; a plain Error when the reader could not run.
 */
export async function extractPdfText(bytes: Uint8Array, options: PdfOptions): Promise<PdfText> {
  options.signal?.throwIfAborted()
  if (!looksLikePdf(bytes)) throw new ExtractionError('pdf_not_pdf')
  const reader = startReader()
  const ended = untilEnded(reader)
  try {
    return await readWith(reader, bytes, options)
  } finally {
    reader.kill('SIGKILL')
    await ended
  }
}

function startReader(): ChildProcess {
  return fork(fileURLToPath(new URL('./pdf-process.js', import.meta.url)), {
    serialization: 'advanced',
    // Neither our secrets, nor our flags, nor our output are the business of what reads a hostile file.
    env: {},
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
}

function untilEnded(reader: ChildProcess): Promise<void> {
  // Without a process id the start failed, and no exit will follow.
  if (reader.pid === undefined) return Promise.resolve()
  return new Promise((resolve) => reader.once('exit', () => resolve()))
}

function readWith(reader: ChildProcess, bytes: Uint8Array, options: PdfOptions): Promise<PdfText> {
  const { maxPages, maxCharacters, timeoutMs, signal } = options
  const task: PdfTask = { bytes, maxPages, maxCharacters }
  return new Promise<PdfText>((resolve, reject) => {
    const timer = setTimeout(() => reject(new ExtractionError('pdf_too_slow')), timeoutMs)
    const abort = (): void => reject(asError(signal?.reason))
    const release = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    }
    signal?.addEventListener('abort', abort)
    void answerOf(reader, options.onPage).then(resolve, reject).finally(release)
    reader.send(task, (error) => {
      if (error !== null) reject(error)
    })
  })
}

function answerOf(reader: ChildProcess, onPage: PdfOptions['onPage']): Promise<PdfText> {
  return new Promise((resolve, reject) => {
    let ready = false
    reader.on('message', (raw) => {
      try {
        const message = pdfMessage.parse(raw)
        switch (message.type) {
          case 'ready':
            ready = true
            return
          case 'page':
            onPage?.(message.page, message.pages)
            return
          case 'text':
            resolve({ text: message.text, pages: message.pages })
            return
          case 'failed':
            reject(new ExtractionError(message.code))
            return
          case 'broken':
            reject(new Error(`The PDF reader could not be loaded: ${message.reason}`))
            return
        }
      } catch (error) {
        reject(asError(error))
      }
    })
    reader.on('error', reject)
    reader.once('exit', (code, signal) =>
      reject(ready ? new ExtractionError('pdf_too_large') : notStarted(code, signal)),
    )
  })
}

/** Not the file's fault: a plain error, which is worth another attempt. */
function notStarted(code: number | null, signal: string | null): Error {
  return new Error(
    `The PDF reader ended before it was ready: ${signal ?? `exit code ${code ?? 0}`}`,
  )
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('PDF reading was stopped', { cause: reason })
}
