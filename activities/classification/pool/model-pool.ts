import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { Piscina } from 'piscina'
import type { JudgedRow } from '../evaluation/judged-row.js'
import type { Sample } from '../samples.js'
import type { LearnedModel, LearnInput, ModelCard, OnProgress, Prediction } from './engine.js'
import type { CrossValidateTask, LearnTask, PredictTask, ProgressMessage } from './messages.js'
import { decodePredictions } from './predictions.js'
import { type ModelBytes, shareModel } from './share-model.js'
import { createTurns } from './turns.js'

export interface Watch {
  /** Ends the work at once, its thread with it; the promise then rejects. */
  readonly signal?: AbortSignal
  readonly onProgress?: OnProgress
}

export interface LearnedInPool extends Omit<LearnedModel, 'bytes'> {
  readonly bytes: Buffer
}

/** The engine's long work, off the event loop, below the priority of whoever serves requests. */
export interface ModelPool {
  /**
   * Classifies samples, in their order.
   *
   * @returns undefined in the place of one that could not be judged
   * @throws Error that names a model which can't be read
   */
  predict(
    model: ModelBytes,
    samples: readonly Sample[],
    watch?: Watch,
  ): Promise<(Prediction | undefined)[]>
  /**
   * The same from bytes to bytes, so that nothing but a thread reads them.
   *
   * @param json a list of Sample
   * @returns as encodePredictions() writes them
   */
  predictBytes(model: ModelBytes, json: Buffer, watch?: Watch): Promise<Uint8Array>
  readCard(model: ModelBytes): Promise<ModelCard>
  learn(input: LearnInput, watch?: Watch): Promise<LearnedInPool>
  crossValidate(
    input: LearnInput & { readonly folds: number },
    watch?: Watch,
  ): Promise<readonly JudgedRow[]>
  /** How many threads there are now. */
  threads(): number
  /** Ends what is under way. */
  close(): Promise<void>
}

export interface ModelPoolOptions {
  /** That classify at once; a core is left to whoever serves requests. */
  readonly threads?: number
  /** One without work ends after this time. */
  readonly idleTimeoutMs?: number
  /** Of JavaScript's heap, each: beyond it a thread ends and its work fails. */
  readonly heapLimitMb?: { readonly predicting: number; readonly learning: number }
  /** The compiled file that a thread runs. */
  readonly threadFile?: string
}

const samplesATask = 5_000

/**
 * Threads by piscina, which starts, ends and restarts them. Its own queue stands still after an abort while
 * no thread is kept (minThreads 0), so nothing waits in it: turns.ts lets in what a thread is free for.
 */
export function createModelPool(options: ModelPoolOptions = {}): ModelPool {
  const {
    threads = Math.max(1, availableParallelism() - 1),
    idleTimeoutMs = 30_000,
    heapLimitMb = { predicting: 512, learning: 2_048 },
    threadFile = fileURLToPath(new URL('./model-thread.js', import.meta.url)),
  } = options
  // A task takes long enough: the microseconds that waiting by Atomics saves are none of ours.
  const atomics = 'disabled'
  const common = {
    filename: threadFile,
    minThreads: 0,
    idleTimeout: idleTimeoutMs,
    atomics,
  } as const
  const open = (maxThreads: number, maxOldGenerationSizeMb: number) => {
    const pool = new Piscina({ ...common, maxThreads, resourceLimits: { maxOldGenerationSizeMb } })
    return { pool, inTurn: createTurns(maxThreads) }
  }
  // Apart, so that nobody's batch waits minutes for somebody's training.
  const predicting = open(threads, heapLimitMb.predicting)
  const learning = open(1, heapLimitMb.learning)

  const predictBytes: ModelPool['predictBytes'] = (model, json, watch) => {
    const task: PredictTask = { model: shareModel(model), samples: json }
    const options = { name: 'predict', ...signalOf(watch) }
    return predicting.inTurn(() => predicting.pool.run(task, options), watch?.signal)
  }

  const learnInTurn = <T>(watch: Watch | undefined, work: (progress: MessagePort) => Promise<T>) =>
    learning.inTurn(() => withProgress(watch, work), watch?.signal)

  return {
    predictBytes,
    predict: async (model, samples, watch) => {
      const parts = split(samples)
      let done = 0
      const judged = parts.map(async (part) => {
        const json = Buffer.from(JSON.stringify(part))
        const predictions = decodePredictions(await predictBytes(model, json, watch))
        done += part.length
        watch?.onProgress?.('Classifying', done / samples.length)
        return predictions
      })
      return (await Promise.all(judged)).flat()
    },
    readCard: (model) =>
      predicting.inTurn(() => predicting.pool.run(shareModel(model), { name: 'readCard' })),
    learn: (input, watch) =>
      learnInTurn(watch, (progress) => {
        const task: LearnTask = { ...input, progress }
        const options = { name: 'learn', transferList: [progress], ...signalOf(watch) }
        return learning.pool.run(task, options).then((learned: LearnedModel) => ({
          ...learned,
          bytes: Buffer.from(learned.bytes),
        }))
      }),
    crossValidate: (input, watch) =>
      learnInTurn(watch, (progress) => {
        const task: CrossValidateTask = { ...input, progress }
        const options = { name: 'crossValidate', transferList: [progress], ...signalOf(watch) }
        return learning.pool.run(task, options)
      }),
    threads: () => predicting.pool.threads.length + learning.pool.threads.length,
    close: async () => {
      await Promise.all([predicting.pool.destroy(), learning.pool.destroy()])
    },
  }
}

async function withProgress<T>(
  watch: Watch | undefined,
  work: (progress: MessagePort) => Promise<T>,
): Promise<T> {
  const { port1, port2 } = new MessageChannel()
  port1.on('message', ({ message, share }: ProgressMessage) => watch?.onProgress?.(message, share))
  try {
    return await work(port2)
  } finally {
    port1.close()
  }
}

function split(samples: readonly Sample[]): readonly Sample[][] {
  const parts: Sample[][] = []
  for (let at = 0; at < samples.length; at += samplesATask)
    parts.push(samples.slice(at, at + samplesATask))
  return parts
}

/** A run's options must not name a signal that isn't there. */
const signalOf = (watch: Watch | undefined) =>
  watch?.signal === undefined ? {} : { signal: watch.signal }
