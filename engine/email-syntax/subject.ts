import { maxMarkerLength } from './lines.js'

export type SubjectKind = 'new' | 'reply' | 'forward'

/** What mail programs put before the subject, in Portuguese, English, French and German. */
const prefixes = {
  reply: ['re', 'res', 'resp', 'aw'],
  forward: ['enc', 'fw', 'fwd', 'tr', 'wg'],
} as const

const replyPrefixes = new Set<string>(prefixes.reply)
const prefix = new RegExp(`^(${[...prefixes.reply, ...prefixes.forward].join('|')})\\s?:`, 'iu')

/** Splits `RES: ENC: Pedido` into the kind of mail and the bare subject. The outermost prefix decides. */
export function readSubject(subject: string): { kind: SubjectKind; text: string } {
  let kind: SubjectKind = 'new'
  let text = subject.slice(0, maxMarkerLength).trim()
  for (let match = prefix.exec(text); match; match = prefix.exec(text)) {
    if (kind === 'new')
      kind = replyPrefixes.has((match[1] ?? '').toLowerCase()) ? 'reply' : 'forward'
    text = text.slice(match[0].length).trim()
  }
  return { kind, text }
}
