import { z } from 'zod'
import type { JudgedRow } from '../../../engine/evaluation/judged-row.js'
import type { LabelledSample, Sample } from '../../../engine/samples.js'
import type { Task } from '../../../engine/tasks.js'
import { type ModelCard, modelCardSchema } from '../../../engine/model/model-card.js'
import type { Watch } from '../../../engine/pool/thread-queue.js'
import type { Prediction } from '../../../engine/model/text-model.js'
import type { ModelStore } from '../../../services/models/model-store.js'
import { testCard } from '../../support/models.js'
import type { ModelTools } from '../../../commands/models/model-tools.js'

const modelSchema = z.object({
  card: modelCardSchema,
  counts: z.record(z.string(), z.record(z.string(), z.number())),
  totals: z.record(z.string(), z.number()),
})

/** A small learner that is quick and simple enough to foresee: naive Bayes over words, add one. */
interface WordModel {
  readonly card: ModelCard
  readonly counts: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly totals: Readonly<Record<string, number>>
}

const { quality, ...facts } = testCard('', 'texts')
/** Without figures for its classes: they are compared on the rows. */
const card = { ...facts, quality: { ...quality, classes: [] } }

const wordsOf = (text: string): readonly string[] => text.toLowerCase().match(/\p{L}+/gu) ?? []

export function learnWords(samples: readonly LabelledSample[], version = 'words-1'): WordModel {
  const counts: Record<string, Record<string, number>> = {}
  const totals: Record<string, number> = {}
  for (const { text, label } of samples) {
    const own = (counts[label] ??= {})
    for (const word of wordsOf(text)) own[word] = (own[word] ?? 0) + 1
    totals[label] = (totals[label] ?? 0) + wordsOf(text).length
  }
  const examplesSha256 = JSON.stringify(samples.map(({ text, label }) => [text, label]))
  return {
    counts,
    totals,
    card: {
      ...card,
      version,
      labels: Object.keys(counts),
      examples: samples.length,
      examplesSha256,
    },
  }
}

function judgeWords({ counts, totals }: WordModel, { text }: Sample): Prediction {
  const scores = Object.entries(counts).map(([label, own]) => {
    const total = totals[label] ?? 0
    return {
      label,
      score: wordsOf(text).reduce(
        (sum, word) => sum + Math.log(((own[word] ?? 0) + 1) / (total + 100)),
        0,
      ),
    }
  })
  const best = scores.reduce((one, other) => (other.score > one.score ? other : one))
  const sum = scores.reduce((total, { score }) => total + Math.exp(score - best.score), 0)
  return { label: best.label, confidence: 1 / sum, needsReview: 1 / sum < 0.6, isFamiliar: true }
}

const encode = (model: WordModel): Buffer => Buffer.from(JSON.stringify(model))

function decode({ name, bytes }: { name: string; bytes: Buffer }): WordModel {
  try {
    return modelSchema.parse(JSON.parse(bytes.toString()))
  } catch {
    throw new Error(`${name}: damaged`)
  }
}

function crossValidate(
  samples: readonly LabelledSample[],
  folds: number,
  watch: Watch = {},
): readonly JudgedRow[] {
  const models = Array.from({ length: folds }, (_, fold) => {
    watch.signal?.throwIfAborted()
    watch.onProgress?.(`fold ${fold + 1} of ${folds}`, fold / folds)
    return learnWords(samples.filter((_one, at) => at % folds !== fold))
  })
  return samples.map((sample, at) => {
    const { label: predicted, confidence, needsReview } = judgeWords(models[at % folds]!, sample)
    const { label: truth, language = '' } = sample
    return { truth, predicted, confidence, needsReview, language }
  })
}

export interface WordTools extends ModelTools {
  /** What was stored, and which of them is current. */
  readonly stored: { readonly task: Task; readonly card: ModelCard; readonly bytes: Buffer }[]
  current: number | undefined
}

/** The engine and the database of a test, in memory; `shipped` is the default of every task. */
export function createWordTools(shipped?: WordModel): WordTools {
  const tools: WordTools = {
    stored: [],
    current: undefined,
    pool: {
      crossValidate: ({ samples, folds }, watch) =>
        Promise.resolve().then(() => crossValidate(samples, folds, watch)),
      learn: ({ samples }, watch) =>
        Promise.resolve().then(() => {
          const heldOut = crossValidate(samples, 5, watch)
          const model = learnWords(samples, `words-${tools.stored.length + 2}`)
          return { bytes: encode(model), card: model.card, heldOut }
        }),
      predict: (model, samples) =>
        Promise.resolve().then(() => samples.map((sample) => judgeWords(decode(model), sample))),
      readCard: (model) => Promise.resolve().then(() => decode(model).card),
    },
    store: () => Promise.resolve(storeOf(() => tools)),
    readDefault: () => Promise.resolve(shipped && encode(shipped)),
  }
  return tools
}

function storeOf(tools: () => WordTools): ModelStore {
  return {
    add: ({ task, card, bytes }) =>
      Promise.resolve({ id: tools().stored.push({ task, card, bytes }) }),
    promote: (id) => {
      tools().current = id
      return Promise.resolve()
    },
    current: (task) => {
      const id = tools().current
      const found = id === undefined ? undefined : tools().stored[id - 1]
      return Promise.resolve(
        id !== undefined && found?.task === task
          ? { id, version: found.card.version, bytes: found.bytes }
          : undefined,
      )
    },
    find: (id) => Promise.resolve(tools().stored[id - 1]),
  }
}
