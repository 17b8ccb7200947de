import { Worker } from 'node:worker_threads'
import type { PdfMessage } from './pdf-messages.js'

// The process in which one PDF is read: the reader runs in a thread, and this main thread stays free to
// watch over it. A thread alone is not enough of a wall: V8 ends the whole process when one large
// allocation passes a thread's heap limit, and unpacked streams don't count against that limit at all.

/** Measured: 90 MB for one page, 125 for 200 pages of text, 140 for 200 pages of drawings. */
const MAX_RESIDENT_BYTES = 512 * 1024 * 1024
const MAX_HEAP_MB = 384
/** Memory grows by some 25 MB between two looks while a stream is unpacked. */
const WATCH_EVERY_MS = 25

process.once('message', readInThread)
// The parent is gone, perhaps killed: nobody waits for the text.
process.once('disconnect', () => process.exit())
// Ctrl-C reaches the whole process group; the parent decides when a reading ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)

function readInThread(task: unknown): void {
  let ready = false
  const thread = new Worker(new URL('./pdf-thread.js', import.meta.url), {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
  })
  thread.on('message', (message: PdfMessage) => {
    ready ||= message.type === 'ready'
    say(message)
  })
  thread.once('error', (error: Error & { code?: string }) => {
    if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') say({ type: 'failed', code: 'pdf_too_large' })
    else if (ready) say({ type: 'failed', code: 'pdf_damaged' })
    else say({ type: 'broken', reason: error.message })
  })
  const watch = setInterval(() => {
    if (process.memoryUsage.rss() <= MAX_RESIDENT_BYTES) return
    clearInterval(watch)
    void thread.terminate()
    say({ type: 'failed', code: 'pdf_too_large' })
  }, WATCH_EVERY_MS)
}

function say(message: PdfMessage): void {
  process.send?.(message)
}
