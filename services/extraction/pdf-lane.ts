import { ExtractionError } from './extraction-errors.js'
import { createFairTurns } from './fair-turns.js'
import type { PdfMemory, PdfOptions, PdfReader, PdfText } from './pdf-reader.js'

export interface PdfLaneOptions extends PdfMemory {
  readonly maxReaders: number
  /** For each file. */
  readonly timeoutMs: number
  /** Then a reader's process is replaced. */
  readonly filesPerReader: number
  /** A reader without work for so long is ended. */
  readonly idleMs: number
}

export interface PdfRequest {
  /** Callers take turns. */
  readonly caller: string
  /** Fetches the file when its turn has come, so that a file that waits takes no memory. */
  readonly load: () => Promise<Uint8Array>
  readonly signal: AbortSignal
  readonly limits: Pick<PdfOptions, 'maxPages' | 'maxCharacters'>
}

export interface PdfLaneState {
  /** Files. */
  readonly waiting: number
  /** Processes, at work or idle. */
  readonly readers: number
}

/** Some reading processes, and the line of files before them. */
export interface PdfLane {
  /** As a reader's `read`; it settles when the reader is free again or has ended. */
  read(request: PdfRequest): Promise<PdfText>
  /** Ends the idle readers. Those at work end with their requests' signals, which the caller sees to before. */
  close(): Promise<void>
}

interface Kept {
  readonly reader: PdfReader
  files: number
}

export function createPdfLane(
  options: PdfLaneOptions,
  startReader: (memory: PdfMemory) => PdfReader,
  onChange: (state: PdfLaneState) => void,
): PdfLane {
  const { maxReaders, timeoutMs, filesPerReader, idleMs } = options
  const idle = new Map<Kept, NodeJS.Timeout>()
  const tell = () => onChange({ waiting: turns.waiting, readers: turns.running + idle.size })
  const turns = createFairTurns(maxReaders, tell)

  const start = (): Kept => ({ reader: startReader(options), files: 0 })

  /** The one that worked last is taken first, so that a second one that isn't needed ends. */
  function take(): Kept {
    for (const [kept, timer] of [...idle].reverse()) {
      clearTimeout(timer)
      idle.delete(kept)
      if (!kept.reader.hasEnded()) return kept
    }
    return start()
  }

  async function giveBack(kept: Kept): Promise<void> {
    kept.files++
    if (kept.files >= filesPerReader) {
      await kept.reader.end()
      return
    }
    const timer = setTimeout(() => {
      idle.delete(kept)
      tell()
      void kept.reader.end()
    }, idleMs)
    idle.set(kept, timer.unref())
  }

  return {
    read: ({ caller, load, signal, limits }) =>
      turns.run(caller, signal, async () => {
        const bytes = await load()
        signal.throwIfAborted()
        const readBy = async (kept: Kept) => {
          // A reader that failed has ended.
          const text = await kept.reader.read(bytes, { ...limits, timeoutMs, signal })
          await giveBack(kept)
          return text
        }
        const kept = take()
        try {
          return await readBy(kept)
        } catch (error) {
          if (kept.files === 0 || !isDamaged(error)) throw error
          // An earlier file may have broken the reader: one that has read nothing yet decides.
          return await readBy(start())
        }
      }),
    close: async () => {
      const readers = [...idle.keys()].map(({ reader }) => reader)
      for (const timer of idle.values()) clearTimeout(timer)
      idle.clear()
      await Promise.all(readers.map((reader) => reader.end()))
    },
  }
}

const isDamaged = (error: unknown): boolean =>
  error instanceof ExtractionError && error.code === 'pdf_damaged'
