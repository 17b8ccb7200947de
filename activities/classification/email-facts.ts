import { splitEmail } from './email-text.js'

/** A mail is judged by what is around its words, too: what it answers, how it ends, who sent it. */
export function describeEmail(raw: string): readonly string[] {
  const { kind, newest, quoted, forwarded, signature, subject } = splitEmail(raw)
  const words = newest.split(/\s+/u).length
  const head = raw.slice(0, longestHead)
  return [
    `kind ${kind}`,
    `kind ${kind}${quoted === '' ? '' : ' quoting'}${forwarded === '' ? '' : ' forwarding'}`,
    `ends ${findEnd(newest)}`,
    `asks ${newest.includes('?') ? 'somewhere' : 'nowhere'}`,
    `length ${Math.floor(Math.log2(words + 1))}`,
    `signature ${signature === '' ? 'none' : 'there'}`,
    `subject ${subject === '' ? 'none' : findEnd(subject)}`,
    ...machineMarks.filter(({ pattern }) => pattern.test(head)).map(({ fact }) => fact),
    ...(unsubscribe.test(newest) ? ['offers to unsubscribe'] : []),
  ]
}

const longestHead = 4_000

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

function findEnd(text: string): 'question' | 'exclamation' | 'statement' {
  const tail = text.trimEnd().slice(-3)
  if (tail.includes('?')) return 'question'
  return tail.includes('!') ? 'exclamation' : 'statement'
}
