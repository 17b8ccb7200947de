import { ExtractionError } from '../../../services/extraction/extraction-errors.js'
import type { PdfMemory, PdfReader } from '../../../services/extraction/pdf-reader.js'

export interface FakeReaders {
  readonly start: (memory: PdfMemory) => PdfReader
  /** Memory of each reader that was started. */
  readonly started: readonly PdfMemory[]
  /** What was handed over, in order. */
  readonly read: readonly string[]
  /** Ends what is read, all of it. */
  readonly finish: () => void
}

/** Readers without processes. A file is its own text; one that begins with "slow" is too slow for a small reader. */
export function createFakeReaders(smallMb: number): FakeReaders {
  const started: PdfMemory[] = []
  const read: string[] = []
  const underWay = new Set<() => void>()
  const start = (memory: PdfMemory): PdfReader => {
    let hasEnded = false
    const end = () => {
      hasEnded = true
      return Promise.resolve()
    }
    started.push(memory)
    return {
      pid: started.length,
      hasEnded: () => hasEnded,
      end,
      read: (bytes, { signal }) =>
        new Promise((resolve, reject) => {
          const text = Buffer.from(bytes).toString()
          read.push(text)
          const finish = () => {
            underWay.delete(finish)
            if (!text.startsWith('slow') || memory.maxResidentMb > smallMb) {
              resolve({ text, pages: 1 })
              return
            }
            void end()
            reject(new ExtractionError('pdf_too_slow'))
          }
          underWay.add(finish)
          signal?.addEventListener('abort', () => {
            underWay.delete(finish)
            void end()
            reject(signal.reason as Error)
          })
        }),
    }
  }
  const finish = () => {
    for (const one of [...underWay]) one()
  }
  return { start, started, read, finish }
}
