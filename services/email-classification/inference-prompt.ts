import { z } from 'zod'
import { NonsenseAnswerError } from '../adapters/inference-errors.js'
import { fence, fenceRule, visibleText, withoutFence } from '../adapters/inference-fence.js'
import {
  categoryOfTopic,
  isTopic,
  topics,
  type Category,
  type Language,
  type Topic,
} from '../../engine/labels.js'

export interface ClassificationPromptInput {
  text: string
  subject: string
  language: Language
  /** 24 or more random hex digits, new for each request. */
  mark: string
}

export interface DraftPromptInput extends ClassificationPromptInput {
  category: Category
  topic?: string
  /** Whom to greet, as the mail says it. */
  personName?: string
}

export interface Prompt {
  system: string
  user: string
}

export interface ParsedClassification {
  category: Category
  /** 0 to 1, as the model says it: not calibrated. */
  confidence?: number
  /** Only one that belongs to the category. */
  topic?: Topic
}

const maxDraftCharacters = 2_000
/** A bare answer is a word or a short sentence; a label somewhere in an essay isn't an answer. */
const maxAnswerWords = 20
/** "OK." and a lone dash are no reply to anybody. */
const minDraftLetters = 20

const languageNames: Record<Language, string> = { pt: 'Brazilian Portuguese', en: 'English' }

/** The two labels as models write them, folded to lower case without accents. */
const labelWords = new Map<string, Category>([
  ['produtivo', 'Produtivo'],
  ['produtiva', 'Produtivo'],
  ['productive', 'Produtivo'],
  ['improdutivo', 'Improdutivo'],
  ['improdutiva', 'Improdutivo'],
  ['unproductive', 'Improdutivo'],
])
const negations = new Set(['nao', 'nem', 'nunca', 'not', 'never', 'neither', 'nor', 'isn'])

const answerFields = z.object({
  category: z.string(),
  confidence: z.number().min(0).max(1).optional().catch(undefined),
  topic: z.string().optional().catch(undefined),
})

/** The question which of the two categories a mail belongs to. */
export function classificationPrompt(input: ClassificationPromptInput): Prompt {
  const { text, subject, language, mark } = input
  return {
    system: [
      "You sort the e-mail of an organisation's shared mailbox into two categories.",
      'Produtivo: somebody in the organisation has to do something or to answer. For example a request,',
      'a question, a complaint, a problem, a missing document, a due date, a bill, an order, a meeting.',
      'Improdutivo: nobody there has to do anything. For example thanks, good wishes, advertising,',
      'a newsletter, spam, a fraud attempt, an automatic reply, mere information.',
      'What the sender wrote last decides. Quoted or forwarded text below counts only where the sender',
      'added nothing. Asking about a suspicious message is Produtivo; the suspicious message is not.',
      fenceRule(mark),
      'Answer with one JSON object and nothing else:',
      '{"category": "Produtivo" or "Improdutivo", "confidence": 0 to 1, "topic": one of the topics}',
      `Topics: ${topics.join(', ')}.`,
    ].join('\n'),
    user: [
      fence('subject', subject, mark),
      fence('text', text, mark),
      `The e-mail is in ${languageNames[language]}. Give the JSON object for it.`,
    ].join('\n'),
  }
}

/** The request for a short reply to a mail. */
export function draftPrompt(input: DraftPromptInput): Prompt {
  const { text, subject, language, mark, category, topic, personName } = input
  return {
    system: [
      'You draft the reply to an e-mail; a person of the organisation that received it will send it.',
      `Write in ${languageNames[language]}, politely, in plain text, 120 words at most:`,
      'a greeting, the message, a closing. No subject line, no formatting, no gaps to fill in.',
      aimOf(category),
      'State nothing that the e-mail does not say. Promise no date, payment, access or approval.',
      'Write no links, e-mail addresses, telephone numbers, passwords or account numbers.',
      fenceRule(mark),
      'Answer with the reply alone.',
    ].join('\n'),
    user: [
      fence('subject', subject, mark),
      fence('text', text, mark),
      ...(topic === undefined ? [] : [fence('topic', topic, mark)]),
      ...(personName === undefined ? [] : [fence('sender', personName.slice(0, 100), mark)]),
      'Write the reply to this e-mail.',
    ].join('\n'),
  }
}

/**
 * Reads the answer to `classificationPrompt`: a JSON object, alone or among a few words, or the label
 * alone; code fences, case and accents don't matter.
 *
 * @throws NonsenseAnswerError when it names both labels, none, or denies one
 */
export function parseClassification(answer: string): ParsedClassification {
  const { named, fields } = splitAnswer(withoutThinking(answer))
  const category = labelNamed(named)
  const topic = fields?.topic?.trim().toLowerCase() ?? ''
  return {
    category,
    ...(fields?.confidence === undefined ? {} : { confidence: fields.confidence }),
    ...(isTopic(topic) && categoryOfTopic(topic) === category ? { topic } : {}),
  }
}

/**
 * Reads the answer to `draftPrompt`.
 *
 * @param mark the request's mark, so that no trace of it stays even outside a fence line
 * @returns plain text of at most 2,000 characters with single empty lines
 * @throws NonsenseAnswerError when it is empty, too long, JSON, or has a link: the prompt forbids links,
 *   so one there comes from the mail or from nowhere
 */
export function parseDraft(answer: string, mark?: string): string {
  const draft = withoutFence(withoutCodeFence(visibleText(withoutThinking(answer))), mark)
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
  const letters = draft.match(/\p{L}/gu)?.length ?? 0
  if (letters < minDraftLetters) throw new NonsenseAnswerError('The draft is empty.')
  if (draft.length > maxDraftCharacters) throw new NonsenseAnswerError('The draft is too long.')
  if (draft.startsWith('{')) throw new NonsenseAnswerError('The draft is not plain text.')
  if (/https?:|www\./i.test(draft)) throw new NonsenseAnswerError('The draft has a link in it.')
  return draft
}

function aimOf(category: Category): string {
  switch (category) {
    case 'Produtivo':
      return 'Say that the request has arrived and will be looked at, and ask for what is missing.'
    case 'Improdutivo':
      return 'Nothing has to be done: thank in one or two sentences and ask for nothing.'
  }
}

/** What models that think aloud put before their answer; some leave out the opening tag. */
function withoutThinking(answer: string): string {
  const end = answer.lastIndexOf('</think>')
  if (end >= 0) return answer.slice(end + '</think>'.length)
  return /^\s*<think>/.test(answer) ? '' : answer
}

function withoutCodeFence(answer: string): string {
  const trimmed = answer.trim()
  const begin = trimmed.indexOf('\n')
  if (begin < 0 || !trimmed.startsWith('```') || !trimmed.endsWith('```')) return trimmed
  return trimmed.slice(begin, -3)
}

/** The words that name the label, and the fields of the JSON object if there is one. */
function splitAnswer(answer: string): { named: string; fields?: z.infer<typeof answerFields> } {
  const begin = answer.indexOf('{')
  const end = answer.lastIndexOf('}') + 1
  const fields = begin < 0 ? undefined : parseFields(answer.slice(begin, end))
  if (fields === undefined) return { named: answer }
  return { named: `${answer.slice(0, begin)} ${fields.category} ${answer.slice(end)}`, fields }
}

function parseFields(json: string): z.infer<typeof answerFields> | undefined {
  try {
    return answerFields.safeParse(JSON.parse(json)).data
  } catch {
    return undefined
  }
}

function labelNamed(answer: string): Category {
  const words = foldedWords(answer)
  const named = words.flatMap((word, at) => {
    const category = labelWords.get(word)
    return category === undefined
      ? []
      : [{ category, before: words.slice(Math.max(0, at - 3), at) }]
  })
  const category = named[0]?.category
  const denied = named.some(({ before }) => before.some((word) => negations.has(word)))
  const both = named.some((one) => one.category !== category)
  if (category === undefined || both || denied || words.length > maxAnswerWords) {
    throw new NonsenseAnswerError('The answer is not one of the two labels.')
  }
  return category
}

function foldedWords(text: string): string[] {
  const folded = visibleText(text).normalize('NFKD').replace(/\p{M}/gu, '')
  return (
    folded
      .toLowerCase()
      .replace(/\bim[\s-]+(?=produtiv)/g, 'im')
      .match(/[a-z]+/g) ?? []
  )
}
