import { findQuantile, findReviewBar, fitTemperature } from './calibrate.js'
import type { EmailModels } from './classifier.js'
import { assignFolds, crossValidate, fit, type FitOptions, type HeldOut } from './cross-validate.js'
import { decide } from './decide.js'
import { getDecidingText } from './email-text.js'
import type { EmailExample } from './examples.js'
import { countFeatures, type FeatureCounts } from './features.js'
import { categories, languages, topics, type Language } from './labels.js'
import { quantise } from './linear-model.js'
import { measureQuality, type Judged } from './metrics.js'
import type { ModelFacts, Task } from './model-file.js'
import { indexOfHighest, softmax } from './softmax.js'
import { tokenise } from './tokens.js'

const folds = 5
/** Chosen by cross-validation; more iterations or a weaker penalty gain nothing. */
const fitOptions: FitOptions = { penalty: 1e-3, iterations: 15, rarest: 2 }
/**
 * Of the mails that nobody looks at, so many shall be right. The examples are harder than everyday
 * mail on purpose: there the share is higher.
 */
const wantedPrecision = 0.9
/** The least familiar of the examples mark where the unknown begins. */
const unfamiliarShare = 0.01

/** One task, learned: cross-validated scores of all examples, and the model of all examples. */
interface Learned {
  readonly heldOut: readonly HeldOut[]
  readonly temperature: number
  readonly model: EmailModels[Task]['model']
}

/**
 * Learns, calibrates and measures the models for category, topic and language. Calibration and bars
 * come from predictions of five-fold cross-validation, whose folds the three tasks share.
 */
export function learnEmailModels(
  examples: readonly EmailExample[],
  examplesSha256: string,
  onProgress: (message: string) => void,
): { readonly models: EmailModels; readonly reviewShare: number } {
  const counts = examples.map(({ text }) => countFeatures(tokenise(getDecidingText(text))))
  const groups = examples.map(({ language, topic }) => `${language} ${topic}`)
  const learnTask = (task: Task, labels: readonly string[]): Learned => {
    onProgress(`${task}: ${examples.length} examples, ${folds} folds`)
    return learn(
      counts,
      examples.map((example) => labels.indexOf(example[task])),
      labels,
      groups,
    )
  }
  const category = learnTask('category', categories)
  const topic = learnTask('topic', topics)
  const language = learnTask('language', languages)

  const decisions = decideAll(category, topic)
  const predictions = decisions.map(({ category: { target, predicted }, confidence }) => ({
    confidence,
    isRight: target === predicted,
  }))
  const reviewBar = findReviewBar(predictions, wantedPrecision)
  const shared = {
    examplesSha256,
    modelVersion: `email-1+${examplesSha256.slice(0, 8)}`,
    reviewBar,
  }
  const store = (
    task: Task,
    labels: readonly string[],
    { model, temperature, heldOut }: Learned,
    judged: readonly Judged[],
  ) => ({
    model,
    facts: {
      ...shared,
      task,
      labels: [...labels],
      temperature,
      familiarityBars: mapLanguages((one) => findFamiliarityBar(heldOut, examples, one)),
      quality: measureByLanguage(judged, examples),
    },
  })
  return {
    models: {
      category: store(
        'category',
        categories,
        category,
        decisions.map((one) => one.category),
      ),
      topic: store(
        'topic',
        topics,
        topic,
        decisions.map((one) => one.topic),
      ),
      language: store('language', languages, language, language.heldOut.map(judge)),
    },
    reviewShare:
      predictions.filter(({ confidence }) => confidence < reviewBar).length / examples.length,
  }
}

function learn(
  counts: readonly FeatureCounts[],
  targets: readonly number[],
  labels: readonly string[],
  groups: readonly string[],
): Learned {
  const texts = counts.map((one, at) => ({ counts: one, target: targets[at] ?? 0 }))
  const heldOut = crossValidate(texts, labels.length, assignFolds(groups, folds), fitOptions)
  return {
    heldOut,
    temperature: fitTemperature(heldOut),
    model: quantise(fit(texts, labels.length, fitOptions)),
  }
}

/** Decides each example as the classifier would, by models that never saw it. */
function decideAll(category: Learned, topic: Learned) {
  return category.heldOut.map((one, at) => {
    const other = topic.heldOut[at] ?? { scores: [], target: 0 }
    const decision = decide(
      softmax(one.scores, category.temperature),
      softmax(other.scores, topic.temperature),
    )
    return {
      confidence: decision.confidence,
      category: { target: one.target, predicted: categories.indexOf(decision.category) },
      topic: { target: other.target, predicted: topics.indexOf(decision.topic) },
    }
  })
}

const judge = ({ scores, target }: HeldOut): Judged => ({
  target,
  predicted: indexOfHighest(scores),
})

function findFamiliarityBar(
  heldOut: readonly HeldOut[],
  examples: readonly EmailExample[],
  language: Language,
): number {
  const ofLanguage = heldOut.filter((_, at) => examples[at]?.language === language)
  return findQuantile(
    ofLanguage.map(({ familiarity }) => familiarity),
    unfamiliarShare,
  )
}

function measureByLanguage(
  judged: readonly Judged[],
  examples: readonly EmailExample[],
): ModelFacts['quality'] {
  const ofLanguage = (language: Language) =>
    measureQuality(judged.filter((_, at) => examples[at]?.language === language))
  return { all: measureQuality(judged), ...mapLanguages(ofLanguage) }
}

const mapLanguages = <T>(of: (language: Language) => T): Record<Language, T> => ({
  pt: of('pt'),
  en: of('en'),
})
