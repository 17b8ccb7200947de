import { setPriority } from 'node:os'
import { LRUCache } from 'lru-cache'
import { move } from 'piscina'
import type { JudgedRow } from '../evaluation/judged-row.js'
import { ModelFileError } from '../model/model-file.js'
import type { Prediction, TextModel } from '../model/text-model.js'
import type { Engine, OnProgress } from './engine.js'
import type {
  CardAnswer,
  CrossValidateTask,
  LearnTask,
  PredictTask,
  SharedModel,
} from './messages.js'
import { encodePredictions } from './predictions.js'
import { readSamples } from './read-samples.js'

/** What the pool may ask of a thread, by these names. */
export interface ModelThread {
  /** Gives what encodePredictions() wrote, moved instead of copied. */
  readonly predict: (task: PredictTask) => Promise<ReturnType<typeof move>>
  readonly readCard: (model: SharedModel) => Promise<CardAnswer>
  readonly learn: (task: LearnTask) => ReturnType<Engine['learn']>
  readonly crossValidate: (task: CrossValidateTask) => Promise<readonly JudgedRow[]>
}

/** A lower priority than that of the threads that serve requests (0): 19 is the lowest. */
const niceness = 15
/** A promotion or an evaluation uses two models at once. */
const maxOpenModels = 3

/** The thread's side of the pool, over an engine. */
export function serveThread(engine: Engine): ModelThread {
  yieldToOthers()
  const opened = new LRUCache<string, Pick<TextModel, 'card' | 'predict'>, SharedModel>({
    max: maxOpenModels,
    fetchMethod: (_key, _stale, { context: { name, bytes } }) =>
      engine.open(name, Buffer.from(bytes)),
  })
  const open = (model: SharedModel) => opened.forceFetch(model.key, { context: model })
  return {
    predict: async ({ model, samples }) => {
      const engineModel = await open(model)
      const bytes = encodePredictions(
        readSamples(samples).map(
          (sample) => sample && tryToPredict(() => engineModel.predict(sample)),
        ),
      )
      return move(bytes)
    },
    readCard: (model) => open(model).then(({ card }) => ({ card }), tellFlaw),
    learn: ({ progress, ...input }) => engine.learn(input, reportTo(progress)),
    crossValidate: ({ progress, ...input }) => engine.crossValidate(input, reportTo(progress)),
  }
}

/** One bad item doesn't fail the rest. */
function tryToPredict(predict: () => Prediction): Prediction | undefined {
  try {
    return predict()
  } catch {
    return undefined
  }
}

/** @throws what is no model's fault */
function tellFlaw(error: unknown): CardAnswer {
  if (!(error instanceof ModelFileError)) throw error
  return { flaw: error.flaw, message: error.message }
}

const reportTo =
  (port: LearnTask['progress']): OnProgress =>
  (message, share) =>
    port.postMessage({ message, share })

/**
 * On Linux a priority belongs to a thread (setpriority(2), "C library/kernel differences"); elsewhere it
 * would be the whole process's.
 */
function yieldToOthers(): void {
  if (process.platform !== 'linux') return
  try {
    setPriority(niceness)
  } catch {
    // A sandbox may forbid it: the work is then done at the default priority.
  }
}
