import type { Topic } from '../../engine/labels.js'
import { isMachineMail } from '../../engine/email-syntax/machine-mail.js'
import { replyBodies } from './reply-templates.js'

/** The one rule for every draft, whoever writes it: what it names is never answered. */
export const mustNotBeAnswered = (mail: {
  readonly text: string
  readonly topic: Topic
}): boolean => replyBodies[mail.topic] === undefined || isMachineMail(mail.text)
