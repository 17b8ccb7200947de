import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import PQueue from 'p-queue'
import { Piscina } from 'piscina'
import type { OnProgress } from './engine.js'
import type { ProgressMessage } from './messages.js'

export interface Watch {
  /** Ends the work at once, its thread with it; the promise then rejects. */
  readonly signal?: AbortSignal
  readonly onProgress?: OnProgress
}

export interface ThreadQueueOptions {
  readonly threadFile: string
  readonly threads: number
  readonly idleTimeoutMs: number
  readonly heapLimitMb: number
}

/** Some threads, and the queue of tasks that wait for them. */
export interface ThreadQueue {
  /** @param name of the thread's function */
  run(name: string, task: object, watch?: Watch): ReturnType<Piscina['run']>
  /** The same, with a port in the task through which the thread reports its progress. */
  runLong(name: string, task: object, watch?: Watch): ReturnType<Piscina['run']>
  threads(): number
  /** Ends what is under way; what waits fails when its turn comes. */
  close(): Promise<void>
}

/**
 * Threads by piscina, which starts, ends and restarts them. Its own queue stands still after an abort while no thread is
 * kept (minThreads 0), so nothing may wait in it: our queue passes a task on when a thread is free.
 */
export function createThreadQueue({
  threadFile,
  threads,
  idleTimeoutMs,
  heapLimitMb,
}: ThreadQueueOptions): ThreadQueue {
  const pool = new Piscina({
    filename: threadFile,
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: idleTimeoutMs,
    resourceLimits: { maxOldGenerationSizeMb: heapLimitMb },
    // Waiting by Atomics saves microseconds, and our tasks take much longer.
    atomics: 'disabled',
    // Piscina require()s the thread's file. Node aborts the whole process when a thread is ended while it
    // links a module so ("IsGraphAsync must be used on an instantiated module"); import() bears it. A thread
    // takes none of the process's own options then, but those of NODE_OPTIONS.
    execArgv: ['--no-experimental-require-module'],
  })
  const queue = new PQueue({ concurrency: threads })
  let isClosed = false
  const run = (task: object, options: NonNullable<Parameters<Piscina['run']>[1]>) => {
    // A task would start a thread again.
    if (isClosed) throw new Error('The pool is closed.')
    return pool.run(task, options)
  }
  return {
    run: (name, task, watch) =>
      queue.add(() => run(task, { name, ...signalOf(watch) }), signalOf(watch)),
    runLong: (name, task, watch) =>
      queue.add(() => {
        const { port1, port2: progress } = new MessageChannel()
        const tell = ({ message, share }: ProgressMessage) => watch?.onProgress?.(message, share)
        port1.on('message', tell)
        const options = { name, transferList: [progress], ...signalOf(watch) }
        return run({ ...task, progress }, options).finally(() => endProgress(port1, tell))
      }, signalOf(watch)),
    threads: () => pool.threads.length,
    close: async () => {
      isClosed = true
      await pool.destroy()
    },
  }
}

/** The result may arrive before the last messages of progress: reads those too. */
function endProgress(port: MessagePort, tell: (progress: ProgressMessage) => void): void {
  for (;;) {
    const last = receiveMessageOnPort(port) as { message: ProgressMessage } | undefined
    if (last === undefined) break
    tell(last.message)
  }
  port.close()
}

/** Options must not name a signal that isn't there. */
const signalOf = (watch: Watch | undefined) =>
  watch?.signal === undefined ? {} : { signal: watch.signal }
