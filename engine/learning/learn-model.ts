import { createHash } from 'node:crypto'
import { checkSamples } from '../samples/check-samples.js'
import type { Embedding } from '../embedding/embedding.js'
import { evaluate } from '../evaluation/evaluate.js'
import type { JudgedRow } from '../evaluation/judged-row.js'
import { fit, prepare, type PreparedText, withoutDense } from './fit.js'
import type { Calibration } from '../model/judge.js'
import type { Head } from '../model/linear-model.js'
import type { ModelCard } from '../model/model-card.js'
import { encodeModel, modelFileVersion } from '../model/model-file.js'
import {
  assignFolds,
  assignPairsToFolds,
  calibrate,
  isClearlyBetter,
  judgeOutOfFold,
  scoreOutOfFold,
  toExamples,
  type HeldOutExample,
} from './out-of-fold.js'
import { recipes, takesEmbedding } from '../text/recipes.js'
import type { LabelledSample } from '../samples.js'
import { findTargets, type TaskTargets } from './targets.js'
import type { Task } from '../tasks.js'

export interface LearnInput {
  readonly task: Task
  readonly samples: readonly LabelledSample[]
  /** Used where it makes clearly more texts right. Undefined to learn without it, or where the recipe takes none. */
  readonly embedding: Embedding | undefined
  /** @param share 0 to 1 */
  readonly onProgress: (message: string, share: number) => void
}

export interface LearnModelInput extends LearnInput {
  /** ISO: when the examples were as they are. A part of the bytes, so not the clock's time. */
  readonly made: string
  readonly sources: ModelCard['sources']
}

/** What cross-validation finds out about a model to be. It takes most of the time of learning. */
export interface Measured {
  readonly calibration: Calibration
  readonly quality: ModelCard['quality']
}

export interface FittedModel {
  readonly bytes: Buffer
  readonly card: ModelCard
}

export interface LearnedModel extends FittedModel {
  /** Cross-validated, in the order of the samples. */
  readonly heldOut: readonly JudgedRow[]
}

const defaultFolds = 5

/**
 * Learns a model from labelled samples: cross-validates, calibrates on the held-out predictions, then fits all samples.
 * Tens of thousands take minutes, so it belongs in a thread. The same input gives the same bytes.
 * @throws Error with a sentence that says what to do where nothing can be learned
 */
export function learnModel(input: LearnModelInput): LearnedModel {
  const { task, onProgress } = input
  const { wantedPrecision } = recipes[task]
  const fits = defaultFolds * (triesEmbedding(input) ? 2 : 1)
  // A fit on four folds of five takes four fifths of the time of the last fit, on all.
  const crossValidationShare = fits / (fits + 1.25)
  const { examples, ...prepared } = holdOut(input, defaultFolds, (share) =>
    onProgress('cross-validating', share * crossValidationShare),
  )
  const { grouping } = prepared.targets
  const heldOut = judgeOutOfFold(examples, grouping, wantedPrecision)
  const measured = {
    calibration: calibrate(examples, grouping, wantedPrecision),
    quality: describeQuality(heldOut),
  }
  const fitted = fitPrepared(input, prepared, measured, (message, share) =>
    onProgress(message, crossValidationShare + share * (1 - crossValidationShare)),
  )
  return { ...fitted, heldOut }
}

/**
 * The same bytes as learnModel(), without measuring again: a few seconds in place of a minute.
 * @param measured of the same samples by the same engine
 * @throws as learnModel()
 */
export function fitMeasuredModel(
  input: Omit<LearnModelInput, 'embedding'>,
  measured: Measured,
): FittedModel {
  const prepared = prepareAll({ ...input, embedding: undefined })
  return fitPrepared(input, prepared, measured, input.onProgress)
}

function fitPrepared(
  input: Omit<LearnModelInput, 'embedding'>,
  { texts, targets, embedding }: Prepared,
  { calibration, quality }: Measured,
  onProgress: LearnInput['onProgress'],
): FittedModel {
  const learned = fit({
    texts,
    heads: targets.heads,
    recipe: recipes[input.task],
    onProgress: (share) => onProgress('fitting', share),
  })
  const { vocabulary, heads } = learned
  const { grouping } = targets
  const card = describeModel({ ...input, embedding }, targets, quality, heads)
  const dimensions = texts[0]?.dense.length ?? 0
  const model = { card, grouping, calibration, vocabulary, dimensions, heads }
  onProgress(`${input.samples.length} examples`, 1)
  return { bytes: encodeModel(model), card }
}

/** Judges each sample by a model and a calibration that never saw it. @throws as learnModel() */
export function crossValidateModel(
  input: LearnInput & { readonly folds: number },
): readonly JudgedRow[] {
  const { examples, targets } = holdOut(input, input.folds, (share) =>
    input.onProgress('cross-validating', share),
  )
  return judgeOutOfFold(examples, targets.grouping, recipes[input.task].wantedPrecision)
}

const triesEmbedding = ({ task, embedding }: LearnInput): boolean =>
  embedding !== undefined && takesEmbedding(task)

interface Prepared {
  readonly texts: readonly PreparedText[]
  readonly targets: TaskTargets
  /** Undefined where it isn't used. */
  readonly embedding: Embedding | undefined
}

interface HeldOut extends Prepared {
  readonly examples: readonly HeldOutExample[]
}

function prepareAll({ task, samples, embedding }: LearnInput): Prepared {
  const { problems } = checkSamples(task, samples)
  if (problems.length > 0) throw new Error(problems.join('\n'))
  return {
    texts: samples.map((sample) => prepare(task, sample, recipes[task], embedding)),
    targets: findTargets(task, samples),
    embedding,
  }
}

/**
 * Cross-validates. Where there is an embedding, it does so with and without it, and keeps it if that is clearly better.
 * This one choice is made on all rows, also on those that are then measured.
 */
function holdOut(input: LearnInput, folds: number, onProgress: (share: number) => void): HeldOut {
  const { task, samples } = input
  const prepared = prepareAll(input)
  const { texts, targets } = prepared
  const recipe = recipes[task]
  const count = Math.min(folds, samples.length)
  const labels = samples.map(({ label }) => label)
  const dealt =
    task === 'email' ? assignPairsToFolds(samples.length, count) : assignFolds(labels, count)
  const score = (texts: readonly PreparedText[], start: number, share: number) => {
    const scored = scoreOutOfFold({
      texts,
      heads: targets.heads,
      folds: dealt,
      recipe,
      onProgress: (done) => onProgress(start + share * done),
    })
    return toExamples(scored, samples, targets)
  }
  if (!triesEmbedding(input))
    return { ...prepared, examples: score(texts, 0, 1), embedding: undefined }
  const plainTexts = texts.map(withoutDense)
  const dense = score(texts, 0, 0.5)
  const plain = score(plainTexts, 0.5, 0.5)
  const [question] = targets.heads
  return question && isClearlyBetter(dense, plain, question)
    ? { ...prepared, examples: dense }
    : { texts: plainTexts, targets, examples: plain, embedding: undefined }
}

function describeModel(
  { task, samples, embedding, made, sources }: LearnModelInput,
  { grouping }: TaskTargets,
  quality: Measured['quality'],
  heads: readonly Head[],
): ModelCard {
  const examplesSha256 = hashSamples(samples)
  return {
    task,
    version: `${task}-${modelFileVersion}+${hashLearned(examplesSha256, heads).slice(0, 8)}`,
    labels: [...grouping.groups],
    made,
    examples: samples.length,
    examplesSha256,
    sources,
    embedding: embedding?.version ?? null,
    quality,
  }
}

function describeQuality(heldOut: readonly JudgedRow[]): Measured['quality'] {
  const { accuracy, macroF1, classes, languages, calibration, review } = evaluate(heldOut)
  return {
    all: { rows: heldOut.length, accuracy: round(accuracy.value), macroF1: round(macroF1.value) },
    classes: classes.map(({ label, support, precision, recall, f1 }) => ({
      label,
      rows: support,
      precision: round(precision),
      recall: round(recall),
      f1: round(f1),
    })),
    languages: languages.map(({ language, rows, accuracy: right, macroF1: f1 }) => ({
      language,
      rows,
      accuracy: round(right.value),
      macroF1: round(f1),
    })),
    calibrationError: round(calibration.error.value),
    reviewShare: round(1 - review.keptShare),
    unreviewedAccuracy: round(review.keptAccuracy.value),
  }
}

/** The same examples get another version where the engine learned other weights. */
function hashLearned(examplesSha256: string, heads: readonly Head[]): string {
  const hash = createHash('sha256').update(examplesSha256)
  for (const { weights, denseWeights } of heads) hash.update(weights).update(denseWeights)
  return hash.digest('hex')
}

const round = (share: number): number => Math.round(share * 1e4) / 1e4

/** Hashes all that is learned from, in its order. */
function hashSamples(samples: readonly LabelledSample[]): string {
  const hash = createHash('sha256')
  for (const { text, label, topic, language, amount, date } of samples)
    hash.update(JSON.stringify([text, label, topic, language, amount, date]) + '\n')
  return hash.digest('hex')
}
