import { splitEmail } from '../classification/email-text.js'
import type { EmailResult } from './email-job.js'

const shownCharacters = 100

/** What is known of a text before anybody judged it. */
export function describeText(
  text: string,
): Pick<EmailResult, 'subject' | 'processed_text' | 'original_length'> {
  const trimmed = text.trim()
  return {
    subject: splitEmail(text).subject,
    processed_text: trimmed.slice(0, shownCharacters).toWellFormed(),
    original_length: trimmed.length,
  }
}
