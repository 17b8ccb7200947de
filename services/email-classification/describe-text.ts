import { splitEmail } from '../../engine/email-syntax/email-text.js'
import { readOwnHeaders } from '../../engine/email-syntax/mail-headers.js'
import { decodeWords } from '../../engine/email-syntax/mailbox.js'
import { readSubject } from '../../engine/email-syntax/subject.js'
import type { EmailResult } from './email-result.js'

const shownCharacters = 100

/** What is known of a text before anybody judged it. */
export function describeText(
  text: string,
): Pick<EmailResult, 'subject' | 'processed_text' | 'original_length'> {
  const trimmed = text.trim()
  return {
    subject: findSubject(text),
    processed_text: trimmed.slice(0, shownCharacters).toWellFormed(),
    original_length: trimmed.length,
  }
}

/** Among raw headers the subject stands anywhere, folded and encoded. */
function findSubject(text: string): string {
  const header = readOwnHeaders(text).find(({ name }) => name === 'subject')
  return header === undefined
    ? splitEmail(text).subject
    : readSubject(decodeWords(header.value)).text
}
