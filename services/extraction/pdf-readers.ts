import { ExtractionError } from './extraction-errors.js'
import {
  createPdfLane,
  type PdfLaneOptions,
  type PdfLaneState,
  type PdfRequest,
} from './pdf-lane.js'
import { type PdfOptions, type PdfText, startPdfReader } from './pdf-reader.js'

export type PdfLaneName = 'quick' | 'slow'

/**
 * Every file is tried in the quick lane first; what passes its time or its memory begins anew in the slow lane. So a
 * slow file holds up the others for a second, not for a minute. All readers together take at most
 * 2 × 256 + 512 MB = 1 GB. Measured: 200 pages of text take below a second and 150 MB.
 */
export const defaultPdfLanes: Readonly<Record<PdfLaneName, PdfLaneOptions>> = {
  quick: {
    maxReaders: 2,
    timeoutMs: 1_000,
    maxResidentMb: 256,
    maxHeapMb: 192,
    filesPerReader: 50,
    idleMs: 5 * 60_000,
  },
  // What was slow is suspect, and has taken longer than a start: each file gets a process of its own.
  slow: {
    maxReaders: 1,
    timeoutMs: 60_000,
    maxResidentMb: 512,
    maxHeapMb: 384,
    filesPerReader: 1,
    idleMs: 0,
  },
}

export interface PdfReadersOptions {
  readonly limits: Pick<PdfOptions, 'maxPages' | 'maxCharacters'>
  readonly lanes?: Readonly<Record<PdfLaneName, PdfLaneOptions>>
  readonly onChange?: (lane: PdfLaneName, state: PdfLaneState) => void
  readonly startReader?: typeof startPdfReader
}

/** The processes that read PDFs, kept from file to file, and the files that wait for them. */
export interface PdfReaders {
  /**
   * Waits for a reader, callers in turn, and reads.
   *
   * @throws ExtractionError when the file is at fault, a plain Error when no reader could run, what `load` throws, or
   *   the signal's reason
   */
  read(request: PdfReadersRequest): Promise<PdfText>
  /** Ends all readers; what waits or is read is rejected with a plain Error. */
  close(): Promise<void>
}

export interface PdfReadersRequest extends Omit<PdfRequest, 'signal' | 'limits'> {
  readonly signal?: AbortSignal | undefined
}

/** Starts no process yet: the first file does. */
export function createPdfReaders({
  limits,
  lanes = defaultPdfLanes,
  onChange = () => undefined,
  startReader = startPdfReader,
}: PdfReadersOptions): PdfReaders {
  const open = (name: PdfLaneName) =>
    createPdfLane(lanes[name], startReader, (state) => onChange(name, state))
  const [quick, slow] = [open('quick'), open('slow')]
  const underWay = new Map<AbortController, Promise<unknown>>()
  let isClosed = false

  async function readInLanes(request: PdfRequest): Promise<PdfText> {
    try {
      return await quick.read(request)
    } catch (error) {
      if (!isTooMuch(error)) throw error
      return await slow.read(request)
    }
  }

  return {
    read: async ({ signal, ...request }) => {
      if (isClosed) throw closed()
      const controller = new AbortController()
      const abort = () => controller.abort(signal?.reason)
      if (signal?.aborted === true) abort()
      signal?.addEventListener('abort', abort)
      const reading = readInLanes({ ...request, limits, signal: controller.signal })
      underWay.set(controller, reading)
      try {
        return await reading
      } finally {
        underWay.delete(controller)
        signal?.removeEventListener('abort', abort)
      }
    },
    close: async () => {
      isClosed = true
      const readings = [...underWay.values()]
      for (const controller of underWay.keys()) controller.abort(closed())
      await Promise.allSettled(readings)
      await Promise.all([quick.close(), slow.close()])
    },
  }
}

const isTooMuch = (error: unknown): boolean =>
  error instanceof ExtractionError &&
  (error.code === 'pdf_too_slow' || error.code === 'pdf_too_large')

const closed = () => new Error('The PDF readers are closed.')
