import type { Language, Topic } from '../../engine/labels.js'
import { replyBodies } from './reply-templates.js'

/** What a template needs to know; whether the mail may be answered at all is `mustNotBeAnswered`'s to say. */
export interface DraftReplyFacts {
  readonly topic: Topic
  readonly language: Language
  /** The mail's own subject; '' where it has none. */
  readonly subject: string
  readonly personName: string | undefined
}

const maxSubjectCharacters = 120
/** Nothing, signs alone, and what mail programs put where a subject is missing. */
const saysNothing = /^[^\p{L}\p{N}]*(?:(?:sem|no) (?:assunto|subject)|\(none\))?[^\p{L}\p{N}]*$/iu

/**
 * Drafts an answer from the template of a topic: greets by name where it is known, quotes the subject,
 * and promises nothing that nobody checked.
 *
 * @returns '' for topics that are never answered (automatic, phishing, advertising)
 */
export function draftReply({ topic, language, subject, personName }: DraftReplyFacts): string {
  const body = replyBodies[topic]
  if (body === undefined) return ''
  const shown = shorten(oneLine(subject))
  const about = saysNothing.test(shown) ? '' : aboutSubject[language](shown)
  return [
    greeting[language](personName),
    capitalise(body[language](about)),
    closing[language],
  ].join('\n\n')
}

const greeting: Record<Language, (name: string | undefined) => string> = {
  pt: (name) => (name === undefined ? 'Olá,' : `Olá, ${name},`),
  en: (name) => (name === undefined ? 'Hello,' : `Dear ${name},`),
}

const aboutSubject: Record<Language, (subject: string) => string> = {
  pt: (subject) => ` sobre “${subject}”`,
  en: (subject) => ` about “${subject}”`,
}

const closing: Record<Language, string> = { pt: 'Atenciosamente,', en: 'Kind regards,' }

const capitalise = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

const oneLine = (text: string) => text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim()

const shorten = (text: string) =>
  text.length <= maxSubjectCharacters
    ? text
    : `${text.slice(0, maxSubjectCharacters - 1).toWellFormed()}…`
