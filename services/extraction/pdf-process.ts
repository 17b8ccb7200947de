import { Worker } from 'node:worker_threads'
import type { PdfMessage } from './pdf-messages.js'

// The process in which PDFs are read, one after the other: the reader runs in a thread, and this main thread
// stays free to watch over it. A thread alone is not enough of a wall: V8 ends the whole process when one large
// allocation passes a thread's heap limit, and unpacked streams don't count against that limit at all.

/** Memory grows by some 25 MB between two looks while a stream is unpacked. */
const watchEveryMs = 25

// As pdf-reader.ts passes them.
const [maxResidentMb = 0, maxHeapMb = 0] = process.argv.slice(2).map(Number)

// The parent is gone, perhaps killed: nobody waits for the text.
process.once('disconnect', () => process.exit())
// Ctrl-C reaches the whole process group; the parent decides when a reading ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)

let state: 'loading' | 'idle' | 'reading' = 'loading'
let watch: NodeJS.Timeout | undefined
const thread = new Worker(new URL('./pdf-thread.js', import.meta.url), {
  resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
})
thread.on('message', (message: PdfMessage) => {
  if (message.type !== 'page') rest()
  say(message)
})
thread.once('error', (error: Error & { code?: string }) => {
  const code = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'pdf_too_large' : 'pdf_damaged'
  if (state === 'loading') say({ type: 'broken', reason: error.message })
  else if (state === 'reading') say({ type: 'failed', code })
  // Something that a file had left behind: the parent sees that this reader is gone and takes another.
  else process.exit(1)
})
process.on('message', (task) => {
  thread.postMessage(task)
  state = 'reading'
  watch = setInterval(endWhereTooLarge, watchEveryMs)
})

function rest(): void {
  state = 'idle'
  clearInterval(watch)
}

function endWhereTooLarge(): void {
  if (process.memoryUsage.rss() <= maxResidentMb * 1024 * 1024) return
  clearInterval(watch)
  void thread.terminate()
  say({ type: 'failed', code: 'pdf_too_large' })
}

function say(message: PdfMessage): void {
  process.send?.(message)
}
