import type { Embedding } from '../embedding/embedding.js'
import { explain, type ExplainedFeature } from './explain.js'
import { countFeatures, type FeatureCounts } from '../text/count-features.js'
import type { Document } from '../text/features.js'
import { countDimensions, embed } from '../learning/fit.js'
import { confidenceOf, decide, trustIn, type Verdict } from './judge.js'
import { createScorer } from './linear-model.js'
import type { ModelCard } from './model-card.js'
import { decodeModelFile, ModelFileError, type StoredModel } from './model-file.js'
import { describe, recipes } from '../text/recipes.js'
import type { Sample } from '../samples.js'
import { createVectorizer, type TextVector } from '../text/vocabulary.js'

export interface Prediction {
  readonly label: string
  /** How likely the label is right, 0 to 1; calibrated on texts that the model had not seen. */
  readonly confidence: number
  /** A person should look: the confidence is below the bar, or the text is unlike any example. */
  readonly needsReview: boolean
  /** The text is like what the model learned from. */
  readonly isFamiliar: boolean
}

/** A model that classifies samples. It holds no state: equal samples get equal answers. */
export interface TextModel {
  readonly card: ModelCard
  predict(sample: Sample): Prediction
  /** Says what of the sample decided, for and against. */
  explain(sample: Sample): readonly ExplainedFeature[]
}

/** A sample as a vector, computed once for all heads. */
export interface View {
  readonly document: Document
  readonly counts: FeatureCounts
  readonly vector: TextVector
  /** Gives the scores of a head's labels. */
  score(head: number): Float64Array
}

/**
 * Makes a model of its bytes, which stay in use and must not change.
 *
 * @param name for messages
 * @throws ModelFileError that names it: no model, of another version, damaged, or made for another embedding
 */
export function decodeModel(
  name: string,
  bytes: Uint8Array,
  embedding: Embedding | undefined,
): TextModel {
  const model = decodeModelFile(name, bytes)
  checkEmbedding(name, model, embedding)
  return createTextModel(model, embedding)
}

function checkEmbedding(
  name: string,
  { card, dimensions }: StoredModel,
  embedding: Embedding | undefined,
): void {
  if (dimensions === 0) return
  const isTheirs = embedding !== undefined && embedding.version === card.embedding
  if (isTheirs && dimensions === countDimensions(recipes[card.task], embedding)) return
  const message = `${name}: made for the embedding ${card.embedding ?? ''}; train again`
  throw new ModelFileError('other_embedding', message)
}

/** Gives the function that prepares samples in the way that a model was learned. */
export function createViewer(
  model: StoredModel,
  embedding: Embedding | undefined,
): (sample: Sample) => View {
  const { task } = model.card
  const recipe = recipes[task]
  const vectorize = createVectorizer(model.vocabulary, recipe.shares)
  const none = new Float32Array(0)
  const scorers = model.heads.map(createScorer)
  return (sample) => {
    const document = describe(task, sample)
    const counts = countFeatures(document)
    const vector = vectorize(counts)
    const takesDense = model.dimensions > 0 && embedding !== undefined
    const dense = takesDense ? embed(sample.text, recipe, embedding) : none
    const score = (head: number) => scorers[head]?.(vector, dense) ?? new Float64Array(0)
    return { document, counts, vector, score }
  }
}

function createTextModel(model: StoredModel, embedding: Embedding | undefined): TextModel {
  const { card, grouping, calibration } = model
  const look = createViewer(model, embedding)
  const judge = (view: View) => decide(view.score(0), grouping, calibration)
  return {
    card,
    predict: (sample) => {
      const view = look(sample)
      const verdict = judge(view)
      const trust = trustIn(view.vector.familiarity, calibration, '')
      const confidence = confidenceOf(verdict, calibration, grouping.groups.length, trust)
      return {
        label: grouping.groups[verdict.group] ?? '',
        confidence,
        needsReview: trust < 1 || confidence < calibration.reviewBar,
        isFamiliar: trust >= 1,
      }
    },
    explain: (sample) => {
      const view = look(sample)
      return explainVerdict(model, view, judge(view))
    },
  }
}

/** Explains by the first head, for the group that was decided. */
export function explainVerdict(
  { vocabulary, heads: [head], grouping, calibration }: StoredModel,
  { document, counts, vector }: View,
  verdict: Verdict,
): readonly ExplainedFeature[] {
  if (head === undefined) return []
  const { group, share, ofGroups, withinGroup } = verdict
  // How fast log(share / rest) rises with the score of each label.
  const slopes = withinGroup.map((within, label) => {
    const own = grouping.groupOf[label] ?? 0
    const ofRest = (ofGroups[own] ?? 0) / Math.max(1 - share, 1e-9)
    return (within * (own === group ? 1 : -ofRest)) / calibration.temperature
  })
  return explain({ document, counts, vector, vocabulary, head, slopes })
}
