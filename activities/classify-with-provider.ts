import { randomBytes } from 'node:crypto'
import type { InferenceProvider } from '../services/adapters/inference.js'
import type { EmailClassifier } from '../engine/classifier.js'
import { failuresOf } from './failures.js'
import { askProvider } from './ask-provider.js'
import { describeText } from '../services/email-classification/describe-text.js'
import type {
  ClassifyInput,
  DraftReplyInput,
  Outcome,
} from '../services/email-classification/email-result.js'
import {
  classificationPrompt,
  draftPrompt,
  parseClassification,
  parseDraft,
} from '../services/email-classification/inference-prompt.js'
import { mustNotBeAnswered } from '../services/email-classification/must-not-be-answered.js'
import type { OpenClassifications } from '../services/email-classification/open-classifications.js'
import { findPersonName } from '../engine/email-syntax/person-name.js'

export interface ProviderActivityDependencies {
  readonly opened: OpenClassifications
  readonly classifier: EmailClassifier
  readonly provider: InferenceProvider | undefined
}

/** A label and a confidence; a draft of a few paragraphs. */
const maxTokens = { classification: 200, draft: 600 }

/** The steps that an outside model may take instead of the local engine; idempotent like those. */
export function createProviderActivities(dependencies: ProviderActivityDependencies) {
  const { opened, classifier, provider } = dependencies
  return {
    async classifyWithProvider({ runId, language }: ClassifyInput): Promise<void> {
      const { text } = await opened.get(runId)
      if (text === undefined) throw new Error('The run has no text yet.')
      const asked = getProvider(provider)
      const known = describeText(text)
      const prompt = classificationPrompt({
        text,
        subject: known.subject,
        language,
        mark: newMark(),
      })
      const answer = await askProvider(
        asked,
        { ...prompt, maxTokens: maxTokens.classification, json: true },
        parseClassification,
      )
      // A model's own confidence is not accuracy: where our engine says otherwise a person looks.
      const local = classifier.classify(text, language)
      const agreed = local.category === answer.category
      await opened.storeOutcome(runId, {
        ...known,
        category: answer.category,
        topic: answer.topic ?? classifier.classifyTopic(text, answer.category),
        confidence: agreed ? Math.max(local.confidence, answer.confidence ?? 0) : 0.5,
        needs_review: !agreed,
        explanation: agreed ? local.explanation : [],
        language,
        engine: asked.name,
        degraded: false,
        model_version: asked.model,
      })
    },

    async draftReplyWithProvider({ runId }: DraftReplyInput): Promise<void> {
      const { text, outcome } = await getClassified(opened, runId)
      const asked = getProvider(provider)
      const store = (draft: string) =>
        opened.storeOutcome(runId, { ...outcome, suggested_response: draft })
      // What must not be answered is decided here, never by what a model feels like writing.
      if (mustNotBeAnswered({ text, topic: outcome.topic })) {
        await store('')
        return
      }
      const mark = newMark()
      const personName = findPersonName(text)
      const { subject, language, category, topic } = outcome
      const prompt = draftPrompt({
        ...{ text, subject, language, category, topic, mark },
        ...(personName === undefined ? {} : { personName }),
      })
      await store(
        await askProvider(asked, { ...prompt, maxTokens: maxTokens.draft }, (answer) =>
          parseDraft(answer, mark),
        ),
      )
    },
  }
}

async function getClassified(
  opened: OpenClassifications,
  runId: string,
): Promise<{ text: string; outcome: Outcome }> {
  const { text, outcome } = await opened.get(runId)
  if (text === undefined || outcome === undefined)
    throw new Error('The text was not classified yet.')
  return { text, outcome }
}

const newMark = () => randomBytes(16).toString('hex')

function getProvider(provider: InferenceProvider | undefined): InferenceProvider {
  if (provider === undefined) throw failuresOf()('internal', 'No provider is set here.')
  return provider
}
