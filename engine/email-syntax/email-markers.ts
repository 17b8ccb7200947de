/** The lines by which mail programs mark headers, quotes, forwards and signatures. */

/** A marker is a short line; only so much of a line is looked at, so hostile lines cost nothing. */
const longestMarker = 300

const headerLine =
  /^[>\s]{0,20}\*?(de|from|para|to|cc|cco|bcc|assunto|subject|data|date|enviad[oa](?: em)?|sent|responder a|reply-to)\*?\s?:\*?(.*)$/iu
const forwardLine =
  /^[-\s>*_]{0,40}(?:in[ií]cio da )?(?:begin )?(?:mensagem (?:re)?encaminhada|forwarded message)[-\s*_:]{0,40}$/iu
const originalLine = /^[-_\s>]{2,40}(?:mensagem original|original message)[-_\s]{0,40}$/iu
const attributionStart = /^[\s>]{0,20}(?:em|no dia|on)\s/iu
const attributionEnd = /(?:escreveu|wrote)\s?:$/iu
const closingLine =
  /^(?:atenciosamente|att\.?|atte\.?|cordialmente|respeitosamente|sauda[cç][oõ]es|abra[cç]os?|abs\.?|(?:(?:best|kind|warm) )?regards|sincerely|yours (?:truly|sincerely|faithfully)|best|cheers)\s?[,.!]?$/iu
const deviceLine =
  /^(?:enviado d[oe] (?:meu|minha)|sent from my|obter o? ?outlook para|get outlook for)\b/iu
const subjectPrefix = /^(re|res|resp|aw|enc|fw|fwd|tr|wg)\s?:/iu
const replyPrefixes = new Set(['re', 'res', 'resp', 'aw'])

export type SubjectKind = 'new' | 'reply' | 'forward'
type HeaderKey = 'sender' | 'subject' | 'other'

export interface HeaderLine {
  readonly key: HeaderKey
  readonly value: string
}

/** Reads a line like `Assunto: …` or `From: …`; undefined when it is none. */
export function findHeader(line: string): HeaderLine | undefined {
  const match = headerLine.exec(line.slice(0, longestMarker))
  if (!match) return undefined
  return { key: headerKey((match[1] ?? '').toLowerCase()), value: (match[2] ?? '').trim() }
}

function headerKey(name: string): HeaderKey {
  if (name === 'de' || name === 'from') return 'sender'
  return name === 'assunto' || name === 'subject' ? 'subject' : 'other'
}

export const isQuotedLine = (line: string): boolean => /^\s{0,8}>/u.test(line)

export const isForwardMarker = (line: string): boolean =>
  line.length < longestMarker && forwardLine.test(line)

export const isOriginalMarker = (line: string): boolean =>
  line.length < longestMarker && originalLine.test(line)

/** `Att,`, `Best regards,` and the like, alone on their line. */
export const isClosing = (line: string): boolean =>
  line.length < 40 && closingLine.test(line.trim())

/** What a signature begins with whatever stands before it: `-- ` (RFC 3676, 4.3) or a phone's advert. */
export const isSignatureMarker = (line: string): boolean =>
  /^--\s?$/u.test(line) || (line.length < 80 && deviceLine.test(line.trim()))

/**
 * Counts the lines, at most three because programs wrap it, of an attribution such as
 * `Em 3 de mar. de 2025, Ana escreveu:` that begins at `start`; 0 when there is none.
 * A date has digits: without one it is a sentence of the sender's own.
 */
export function countAttributionLines(lines: readonly string[], start: number): number {
  if (!attributionStart.test((lines[start] ?? '').slice(0, longestMarker))) return 0
  let joined = ''
  for (let count = 1; count <= 3; count++) {
    const line = lines[start + count - 1]?.trim() ?? ''
    if (line === '' || line.length > longestMarker) return 0
    joined += ' ' + line
    if (attributionEnd.test(line)) return /\d/u.test(joined) ? count : 0
  }
  return 0
}

/** Takes `RES: ENC: Pedido` apart into what kind of mail it heads and the bare subject. */
export function readSubject(subject: string): { kind: SubjectKind; text: string } {
  let kind: SubjectKind = 'new'
  let text = subject.slice(0, longestMarker).trim()
  for (let match = subjectPrefix.exec(text); match; match = subjectPrefix.exec(text)) {
    if (kind === 'new')
      kind = replyPrefixes.has((match[1] ?? '').toLowerCase()) ? 'reply' : 'forward'
    text = text.slice(match[0].length).trim()
  }
  return { kind, text }
}
