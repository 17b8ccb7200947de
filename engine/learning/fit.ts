import type { Embedding } from '../embedding/embedding.js'
import { countFeatures, type FeatureCounts } from '../text/count-features.js'
import { quantise, type Head } from '../model/linear-model.js'
import { describe, type Recipe } from '../text/recipes.js'
import type { Sample } from '../samples.js'
import { trainSvm, type TrainingMatrix } from './svm.js'
import type { Task } from '../tasks.js'
import {
  buildVocabulary,
  createVectorizer,
  type TextVector,
  type Vectorizer,
  type Vocabulary,
} from '../text/vocabulary.js'

/** A text with its features counted: once, however many fits use it. */
export interface PreparedText {
  readonly counts: FeatureCounts
  /** The leading dimensions of its embedding; empty where it isn't used. */
  readonly dense: Float32Array
}

const noDense = new Float32Array(0)

/** Counts a sample's features and embeds its text. */
export function prepare(
  task: Task,
  sample: Sample,
  recipe: Recipe,
  embedding: Embedding | undefined,
): PreparedText {
  return {
    counts: countFeatures(describe(task, sample)),
    dense: embedding === undefined ? noDense : embed(sample.text, recipe, embedding),
  }
}

/** Leaves out a text's embedding. */
export const withoutDense = ({ counts }: PreparedText): PreparedText => ({
  counts,
  dense: noDense,
})

/** Embeds a text, in as many dimensions as the recipe takes. */
export const embed = (text: string, recipe: Recipe, embedding: Embedding): Float32Array =>
  recipe.denseDimensions === 0 ? noDense : embedding.embed(text, countDimensions(recipe, embedding))

/** Says how many dimensions of an embedding a recipe takes. */
export const countDimensions = ({ denseDimensions }: Recipe, { dimensions }: Embedding): number =>
  Math.min(denseDimensions, dimensions)

/** The labels of a head and, for each text, the position of its label. */
export interface HeadTargets {
  readonly labels: readonly string[]
  readonly targets: Int32Array
}

export interface Fit {
  readonly vocabulary: Vocabulary
  readonly vectorize: Vectorizer
  readonly heads: readonly Head[]
}

export interface FitInput {
  readonly texts: readonly PreparedText[]
  readonly heads: readonly HeadTargets[]
  readonly recipe: Recipe
  readonly onProgress: (share: number) => void
}

const seed = 20_261_125

/** Learns a vocabulary and the weights of each head. The same input gives the same, to the bit. */
export function fit({ texts, heads, recipe, onProgress }: FitInput): Fit {
  const vocabulary = buildVocabulary(
    texts.map(({ counts }) => counts),
    recipe.minTexts,
  )
  const vectorize = createVectorizer(vocabulary, recipe.shares)
  const rows = vocabulary.hashes.length
  const matrix = toMatrix(texts, vectorize, rows)
  const learned = heads.map(({ labels, targets }, head) => {
    const weights = trainSvm(matrix, targets, labels.length, {
      cost: recipe.cost,
      isBalanced: recipe.isBalanced,
      seed,
      onProgress: (share) => onProgress((head + share) / heads.length),
    })
    return quantise(labels, weights, rows)
  })
  return { vocabulary, vectorize, heads: learned }
}

function toMatrix(
  texts: readonly PreparedText[],
  vectorize: Vectorizer,
  columns: number,
): TrainingMatrix {
  const maxValues = texts.reduce((sum, { counts }) => sum + counts.hashes.length, 0)
  const starts = new Int32Array(texts.length + 1)
  const indices = new Int32Array(maxValues)
  const values = new Float32Array(maxValues)
  const denseColumns = texts[0]?.dense.length ?? 0
  const dense = new Float32Array(texts.length * denseColumns)
  let end = 0
  texts.forEach((text, at) => {
    const vector: TextVector = vectorize(text.counts)
    indices.set(vector.rows, end)
    values.set(vector.values, end)
    dense.set(text.dense, at * denseColumns)
    end += vector.rows.length
    starts[at + 1] = end
  })
  return { vectors: texts.length, columns, starts, indices, values, denseColumns, dense }
}
