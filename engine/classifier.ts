import { getDecidingText } from './email-syntax/email-text.js'
import type { ExplainedFeature } from './model/explain.js'
import { confidenceOf, decide, findLabel, trustIn } from './model/judge.js'
import {
  categories,
  languages,
  topics,
  type Category,
  type Language,
  type Topic,
} from './labels.js'
import type { ModelCard } from './model/model-card.js'
import { decodeModelFile, type StoredModel } from './model/model-file.js'
import { indexOfHighest } from './model/softmax.js'
import { createViewer, explainVerdict } from './model/text-model.js'

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
  readonly card: ModelCard
  /** Says in which language a mail is to be answered; Portuguese when nothing tells. */
  detectLanguage(text: string): Language
  /** Classifies a whole mail as it was pasted, headers, quotes and signature included. */
  classify(text: string, language: Language): EmailClassification
  /** Gives the likeliest topic within a category that was decided elsewhere. */
  classifyTopic(text: string, category: Category): Topic
}

const [topicHead, languageHead] = [0, 1] as const
/** This many characters are enough to detect a language. */
const maxLanguageLength = 300

/**
 * Makes a classifier of a mail model's bytes, which stay in use and must not change. It holds no state: equal mails get
 * equal answers.
 *
 * @param name the file or the stored model, for messages
 * @throws Error that names it: no model, damaged, of another version or for another task
 */
export function decodeEmailClassifier(name: string, bytes: Uint8Array): EmailClassifier {
  const model = decodeModelFile(name, bytes)
  const [topicLabels, languageLabels] = model.heads.map(({ labels }) => labels.join())
  const isMail = topicLabels === topics.join() && languageLabels === languages.join()
  if (model.card.task !== 'email' || !isMail) throw new Error(`${name}: no mail model; train again`)
  return createEmailClassifier(model)
}

function createEmailClassifier(model: StoredModel): EmailClassifier {
  const { card, grouping, calibration } = model
  const look = createViewer(model, undefined)
  return {
    modelVersion: card.version,
    card,

    detectLanguage(text) {
      const deciding = getDecidingText(text)
      const start = (deciding === '' ? text : deciding).slice(0, maxLanguageLength)
      const scores = look({ text: start }).score(languageHead)
      return languages[indexOfHighest(scores)] ?? 'pt'
    },

    classify(text, language) {
      const view = look({ text })
      const verdict = decide(view.score(topicHead), grouping, calibration)
      const hasWords = view.document.tokens.some(({ word }) => word.isWord)
      const trust = hasWords ? trustIn(view.vector.familiarity, calibration, language) : 0
      const confidence = confidenceOf(verdict, calibration, categories.length, trust)
      return {
        category: categories[verdict.group] ?? 'Produtivo',
        confidence,
        needsReview: trust < 1 || confidence < calibration.reviewBar,
        topic: topics[verdict.label] ?? 'other_request',
        explanation: explainVerdict(model, view, verdict),
        modelVersion: card.version,
      }
    },

    classifyTopic(text, category) {
      const { withinGroup } = decide(look({ text }).score(topicHead), grouping, calibration)
      const group = categories.indexOf(category)
      return topics[findLabel(withinGroup, grouping, group)] ?? 'other_request'
    },
  }
}
