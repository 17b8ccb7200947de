import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { ExtractionError } from './extraction-errors.js'
import { looksLikePdf } from './looks-like-pdf.js'
import { pdfMessage, type PdfTask } from './pdf-messages.js'

/** What a reading process may take before the file is ended as too large. */
export interface PdfMemory {
  /** Of the whole process; about 80 MB of it are taken before any file. */
  readonly maxResidentMb: number
  /** Of the reader's objects; unpacked streams don't count here. */
  readonly maxHeapMb: number
}

export interface PdfOptions {
  readonly maxPages: number
  /** From the handing over of the file to its last page; the start of the process doesn't count. */
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

/** One process that reads PDFs, one after the other. It doesn't keep this process alive while it is idle. */
export interface PdfReader {
  readonly pid: number | undefined
  /** Whether its process is gone. */
  readonly hasEnded: () => boolean
  /**
   * Takes a whole file. After any error the process has ended, so that what a file did to it ends too.
   *
   * @throws ExtractionError when the file is at fault, a plain Error when the reader could not run
   */
  read(bytes: Uint8Array, options: PdfOptions): Promise<PdfText>
  /** Resolves when the process is gone. */
  end(): Promise<void>
}

/** A start takes half a second; one that takes this long is not the file's fault. */
const startTimeoutMs = 30_000

/** Starts a reading process, which loads the reader at once. */
export function startPdfReader({ maxResidentMb, maxHeapMb }: PdfMemory): PdfReader {
  const file = fileURLToPath(new URL('./pdf-process.js', import.meta.url))
  const child = fork(file, [String(maxResidentMb), String(maxHeapMb)], {
    serialization: 'advanced',
    // Neither our secrets, nor our flags, nor our output are the business of what reads a hostile file.
    env: {},
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  const ended = untilEnded(child)
  const ready = untilReady(child)
  // It is awaited by the first reading, which may come later or never.
  ready.catch(() => undefined)
  const end = async () => {
    child.ref()
    child.kill('SIGKILL')
    await ended
  }
  return {
    pid: child.pid,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    read: async (bytes, options) => {
      keepAlive(child, true)
      try {
        options.signal?.throwIfAborted()
        if (!looksLikePdf(bytes)) throw new ExtractionError('pdf_not_pdf')
        await withAbort(options.signal, ready)
        return await withAbort(options.signal, readWith(child, bytes, options))
      } catch (error) {
        await end()
        throw error
      } finally {
        keepAlive(child, false)
      }
    },
    end,
  }
}

function keepAlive(child: ChildProcess, isBusy: boolean): void {
  for (const part of [child, child.channel]) {
    if (isBusy) part?.ref()
    else part?.unref()
  }
}

function untilEnded(child: ChildProcess): Promise<void> {
  // Without a process id the start failed, and no exit will follow.
  if (child.pid === undefined) return Promise.resolve()
  return new Promise((resolve) => child.once('exit', () => resolve()))
}

/** What fails here isn't the file's fault: a plain error, which is worth another attempt. */
function untilReady(child: ChildProcess): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`The PDF reader could not be started: ${why}`))
    const timer = setTimeout(() => fail('it took too long'), startTimeoutMs).unref()
    child.once('message', (raw) => {
      clearTimeout(timer)
      const { data } = pdfMessage.safeParse(raw)
      if (data?.type === 'ready') resolve()
      else fail(data?.type === 'broken' ? data.reason : 'it said something else')
    })
    // Stays: without a listener a later error of the process would end ours.
    child.on('error', (error) => fail(error.message))
    child.once('exit', (code, signal) => {
      clearTimeout(timer)
      fail(signal ?? `exit code ${code ?? 0}`)
    })
  })
}

function readWith(child: ChildProcess, bytes: Uint8Array, options: PdfOptions): Promise<PdfText> {
  const { maxPages, maxCharacters, timeoutMs, onPage } = options
  const task: PdfTask = { bytes, maxPages, maxCharacters }
  let release = (): void => undefined
  return new Promise<PdfText>((resolve, reject) => {
    const timer = setTimeout(() => reject(new ExtractionError('pdf_too_slow')), timeoutMs)
    const hear = (raw: unknown): void => {
      try {
        const message = pdfMessage.parse(raw)
        switch (message.type) {
          case 'page':
            onPage?.(message.page, message.pages)
            return
          case 'text':
            resolve({ text: message.text, pages: message.pages })
            return
          case 'failed':
            reject(new ExtractionError(message.code))
            return
          case 'ready':
          case 'broken':
            reject(new Error(`The PDF reader said out of turn: ${message.type}`))
        }
      } catch (error) {
        reject(asError(error))
      }
    }
    // A loaded reader ends by itself only where the file takes more memory than V8 bears.
    const end = () => reject(new ExtractionError('pdf_too_large'))
    child.on('message', hear)
    child.once('exit', end)
    release = () => {
      clearTimeout(timer)
      child.off('message', hear)
      child.off('exit', end)
    }
    child.send(task, (error) => {
      if (error !== null) reject(error)
    })
  }).finally(() => release())
}

/** What is awaited goes on after an abort: its caller ends the process. */
function withAbort<T>(signal: AbortSignal | undefined, work: Promise<T>): Promise<T> {
  if (signal === undefined) return work
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(asError(signal.reason))
    signal.addEventListener('abort', abort)
    if (signal.aborted) abort()
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('PDF reading was stopped', { cause: reason })
}
