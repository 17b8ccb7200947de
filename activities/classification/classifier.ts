import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decide, getTopicOf } from './decide.js'
import { getDecidingText } from './email-text.js'
import { explain, type ExplainedFeature } from './explain.js'
import { countFeatures, type FeatureCounts } from './features.js'
import {
  categories,
  languages,
  topics,
  type Category,
  type Language,
  type Topic,
} from './labels.js'
import { scoreVector } from './linear-model.js'
import { decodeModel, modelFileName, type StoredModel, type Task } from './model-file.js'
import { indexOfHighest, softmax } from './softmax.js'
import { tokenise, type Token } from './tokens.js'
import { createVectorizer, type TextVector } from './vocabulary.js'

export interface EmailClassification {
  readonly category: Category
  /** How likely the category is right, 0 to 1; calibrated on texts that the model had not seen. */
  readonly confidence: number
  /** A person should look: the confidence is below the bar, or the text is unlike any example. */
  readonly needsReview: boolean
  /** Always one of the category's. */
  readonly topic: Topic
  /** The words of the mail that weighed most, for and against. */
  readonly explanation: readonly ExplainedFeature[]
  readonly modelVersion: string
}

export interface EmailClassifier {
  readonly modelVersion: string
  /** Says in which language a mail is to be answered; Portuguese when nothing tells. */
  detectLanguage(text: string): Language
  /** Classifies a whole mail as it was pasted, headers, quotes and signature included. */
  classify(text: string, language: Language): EmailClassification
  /** Gives the likeliest topic of a category that somebody else decided. */
  classifyTopic(text: string, category: Category): Topic
}

export type EmailModels = Readonly<Record<Task, StoredModel>>

const labelsOfTask = { category: categories, topic: topics, language: languages } as const

/**
 * Reads the three models that `train` wrote into a folder.
 * @throws Error that names the file that is missing, damaged or of another version.
 */
export async function loadEmailClassifier(folder: string): Promise<EmailClassifier> {
  const [category, topic, language] = await Promise.all([
    loadModel(folder, 'category'),
    loadModel(folder, 'topic'),
    loadModel(folder, 'language'),
  ])
  return createEmailClassifier({ category, topic, language })
}

async function loadModel(folder: string, task: Task): Promise<StoredModel> {
  const name = modelFileName(task)
  const stored = decodeModel(name, await readFile(join(folder, name)))
  const isExpected = stored.facts.labels.join() === labelsOfTask[task].join()
  if (stored.facts.task !== task || !isExpected)
    throw new Error(`${name}: other labels; train again`)
  return stored
}

/** Makes the classifier of three models. It holds no state: equal mails get equal answers. */
export function createEmailClassifier(models: EmailModels): EmailClassifier {
  const view = {
    category: createView(models.category),
    topic: createView(models.topic),
    language: createView(models.language),
  }
  const { modelVersion, reviewBar, familiarityBars } = models.category.facts

  return {
    modelVersion,

    detectLanguage(text) {
      const deciding = getDecidingText(text)
      const { shares } = view.language(countFeatures(tokenise(deciding === '' ? text : deciding)))
      return languages[indexOfHighest(shares)] ?? 'pt'
    },

    classify(text, language) {
      const tokens = tokenise(getDecidingText(text))
      const counts = countFeatures(tokens)
      const { shares, vector } = view.category(counts)
      const { category, confidence, topic } = decide(shares, view.topic(counts).shares)
      const trust = hasWords(tokens) ? trustIn(vector, familiarityBars[language]) : 0
      const trusted = 0.5 + (confidence - 0.5) * trust
      const label = categories.indexOf(category)
      const { model } = models.category
      return {
        category,
        confidence: trusted,
        needsReview: trust < 1 || trusted < reviewBar,
        topic,
        explanation: explain({ tokens, counts, vector, model, label }),
        modelVersion,
      }
    },

    classifyTopic(text, category) {
      const { shares } = view.topic(countFeatures(tokenise(getDecidingText(text))))
      return getTopicOf(category, shares)
    },
  }
}

const hasWords = (tokens: readonly Token[]): boolean => tokens.some(({ isWord }) => isWord)

/** 1 for a text as familiar as the examples, less for one in another language or of strange words. */
const trustIn = ({ familiarity }: TextVector, bar: number): number =>
  familiarity >= bar ? 1 : familiarity / bar

interface View {
  /** One probability for each label. */
  readonly shares: readonly number[]
  readonly vector: TextVector
}

function createView({ model, facts }: StoredModel): (counts: FeatureCounts) => View {
  const vectorize = createVectorizer(model.vocabulary)
  return (counts) => {
    const vector = vectorize(counts)
    return { shares: softmax(scoreVector(model, vector), facts.temperature), vector }
  }
}
