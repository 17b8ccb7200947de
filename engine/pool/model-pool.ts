import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { JudgedRow } from '../evaluation/judged-row.js'
import type { LearnedModel } from '../learning/learn-model.js'
import type { ModelCard } from '../model/model-card.js'
import { ModelFileError } from '../model/model-file.js'
import type { Sample } from '../samples.js'
import type { Prediction } from '../model/text-model.js'
import type { CrossValidateInput, Engine, LearnInput } from './engine.js'
import { createThreadQueue, type Watch } from './thread-queue.js'
import type { CardAnswer } from './messages.js'
import { decodePredictions } from './predictions.js'
import { type ModelBytes, shareModel } from './share-model.js'

/** The engine's long work, in threads of a lower priority than those that serve requests. */
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
   * The same from bytes to bytes, so that only the thread parses them.
   *
   * @param json a list of Sample
   * @returns as encodePredictions() writes them
   */
  predictBytes(model: ModelBytes, json: Buffer, watch?: Watch): Promise<Uint8Array>
  /** @throws ModelFileError that names a model which can't be read */
  readCard(model: ModelBytes): Promise<ModelCard>
  learn(input: LearnInput, watch?: Watch): Promise<LearnedModel>
  crossValidate(input: CrossValidateInput, watch?: Watch): Promise<readonly JudgedRow[]>
  /** How many threads there are now. */
  threads(): number
  /** Ends what is under way. */
  close(): Promise<void>
}

export interface ModelPoolOptions {
  /** How many threads classify. By default one core is left to the threads that serve requests. */
  readonly threads?: number
  /** A thread without work ends after this time. */
  readonly idleTimeoutMs?: number
  /** The JavaScript heap of each thread: beyond it the thread ends and its work fails. */
  readonly heapLimitMb?: { readonly predicting: number; readonly learning: number }
  /** The compiled file that a thread runs. */
  readonly threadFile?: string
}

const samplesPerTask = 5_000

export function createModelPool(options: ModelPoolOptions = {}): ModelPool {
  const {
    threads = Math.max(1, availableParallelism() - 1),
    idleTimeoutMs = 30_000,
    heapLimitMb = { predicting: 512, learning: 2_048 },
    threadFile = fileURLToPath(new URL('./model-thread.js', import.meta.url)),
  } = options
  const common = { threadFile, idleTimeoutMs }
  // Three queues, so that no batch waits minutes for a training, and no promotion seconds for a batch.
  const predicting = createThreadQueue({ ...common, threads, heapLimitMb: heapLimitMb.predicting })
  const learning = createThreadQueue({ ...common, threads: 1, heapLimitMb: heapLimitMb.learning })
  const reading = createThreadQueue({ ...common, threads: 1, heapLimitMb: heapLimitMb.predicting })
  const queues = [predicting, learning, reading]

  const predictBytes: ModelPool['predictBytes'] = (model, json, watch) =>
    predicting.run('predict', { model: shareModel(model), samples: json }, watch)

  return {
    predictBytes,
    predict: async (model, samples, watch) => {
      let done = 0
      const judged = split(samples).map(async (part) => {
        const json = Buffer.from(JSON.stringify(part))
        const predictions = decodePredictions(await predictBytes(model, json, watch))
        done += part.length
        watch?.onProgress?.('Classifying', done / samples.length)
        return predictions
      })
      return (await Promise.all(judged)).flat()
    },
    readCard: (model) =>
      reading.run('readCard', shareModel(model)).then((answer: CardAnswer) => {
        if ('card' in answer) return answer.card
        throw new ModelFileError(answer.flaw, answer.message)
      }),
    learn: (input, watch) =>
      learning
        .runLong('learn', input, watch)
        .then((learned: Awaited<ReturnType<Engine['learn']>>) => ({
          ...learned,
          bytes: Buffer.from(learned.bytes),
        })),
    crossValidate: (input, watch) => learning.runLong('crossValidate', input, watch),
    threads: () => queues.reduce((sum, queue) => sum + queue.threads(), 0),
    close: async () => {
      await Promise.all(queues.map((queue) => queue.close()))
    },
  }
}

function split(samples: readonly Sample[]): readonly Sample[][] {
  const parts: Sample[][] = []
  for (let at = 0; at < samples.length; at += samplesPerTask)
    parts.push(samples.slice(at, at + samplesPerTask))
  return parts
}
