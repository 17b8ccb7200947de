import type { SubjectKind } from '../email-syntax/subject.js'
import { findMachineSigns, type MachineSign } from '../email-syntax/machine-mail.js'
import { splitEmail } from '../email-syntax/email-text.js'

/** Gives facts that a mail's words don't say: what it answers, how it ends, who sent it. */
export function describeEmail(raw: string): readonly string[] {
  const { kind, newest, quoted, forwarded, signature, subject } = splitEmail(raw)
  // A forward without a word of its own is judged by what it forwards.
  const isPassedOn = forwarded !== '' && newest === ''
  const around = `${quoted === '' ? '' : ' that quotes'}${forwarded === '' ? '' : ' that forwards'}`
  return [
    kindNames[kind],
    `${kindNames[kind]}${around === '' ? ' alone' : around}`,
    `ends with ${findEnd(newest)}`,
    newest.includes('?') ? 'has a question mark' : 'has no question mark',
    `${countRoughly(newest)} words or more`,
    signature === '' ? 'is not signed' : 'is signed',
    subject === '' ? 'has no subject' : `its subject is ${findEnd(subject)}`,
    ...[...findMachineSigns(isPassedOn ? forwarded : raw)].map((sign) => signFacts[sign]),
    ...(unsubscribe.test(newest) ? ['offers to unsubscribe'] : []),
  ]
}

const kindNames = {
  new: 'is a new mail',
  reply: 'is a reply',
  forward: 'is a forward',
} as const satisfies Record<SubjectKind, string>

/** Rounds the number of words down to a power of two. */
const countRoughly = (text: string): number => 2 ** Math.floor(Math.log2(text.split(/\s+/u).length))

const signFacts = {
  program: 'sent by a program',
  many: 'sent to many',
  nobody: 'answered by nobody',
} as const satisfies Record<MachineSign, string>

const unsubscribe =
  /unsubscribe|descadastr|cancelar (?:a )?(?:inscri|subscri|assinatura d)|remover .{0,20}lista|opt.?out/iu

function findEnd(text: string): 'a question' | 'an exclamation' | 'a statement' {
  const tail = text.trimEnd().slice(-3)
  if (tail.includes('?')) return 'a question'
  return tail.includes('!') ? 'an exclamation' : 'a statement'
}
