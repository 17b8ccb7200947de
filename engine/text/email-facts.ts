import type { SubjectKind } from '../email-syntax/email-markers.js'
import { splitEmail } from '../email-syntax/email-text.js'

/** A mail is judged by what is around its words, too: what it answers, how it ends, who sent it. */
export function describeEmail(raw: string): readonly string[] {
  const { kind, newest, quoted, forwarded, signature, subject } = splitEmail(raw)
  const head = raw.slice(0, longestHead)
  const around = `${quoted === '' ? '' : ' that quotes'}${forwarded === '' ? '' : ' that forwards'}`
  return [
    kindNames[kind],
    `${kindNames[kind]}${around === '' ? ' alone' : around}`,
    `ends with ${findEnd(newest)}`,
    newest.includes('?') ? 'has a question mark' : 'has no question mark',
    `${countRoughly(newest)} words or more`,
    signature === '' ? 'is not signed' : 'is signed',
    subject === '' ? 'has no subject' : `its subject is ${findEnd(subject)}`,
    ...machineMarks.filter(({ pattern }) => pattern.test(head)).map(({ fact }) => fact),
    ...(unsubscribe.test(newest) ? ['offers to unsubscribe'] : []),
  ]
}

const longestHead = 4_000

const kindNames = {
  new: 'is a new mail',
  reply: 'is a reply',
  forward: 'is a forward',
} as const satisfies Record<SubjectKind, string>

/** A power of two. */
const countRoughly = (text: string): number => 2 ** Math.floor(Math.log2(text.split(/\s+/u).length))

/** Headers by which programs say that no person wrote a mail (RFC 3834, RFC 2369, RFC 2076). */
const machineMarks = [
  { pattern: /^auto-submitted:\s*auto-/imu, fact: 'sent by a program' },
  {
    pattern: /^(?:x-auto-response-suppress|x-autoreply|x-autorespond):/imu,
    fact: 'sent by a program',
  },
  { pattern: /^precedence:\s*(?:bulk|list|junk|auto_reply)/imu, fact: 'sent to many' },
  { pattern: /^list-(?:unsubscribe|id|post):/imu, fact: 'sent to many' },
  {
    pattern: /^(?:from|de):.{0,200}(?:no-?reply|n[aã]o-?responda|mailer-daemon|postmaster)/imu,
    fact: 'answered by nobody',
  },
] as const

const unsubscribe =
  /unsubscribe|descadastr|cancelar (?:a )?(?:inscri|subscri|assinatura d)|remover .{0,20}lista|opt.?out/iu

function findEnd(text: string): 'a question' | 'an exclamation' | 'a statement' {
  const tail = text.trimEnd().slice(-3)
  if (tail.includes('?')) return 'a question'
  return tail.includes('!') ? 'an exclamation' : 'a statement'
}
