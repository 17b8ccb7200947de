import { toLines } from './lines.js'
import {
  countAttributionLines,
  isForwardMarker,
  isOriginalMarker,
  isQuotedLine,
  readQuotedHeader,
  unquoteLine,
} from './quotes.js'
import { splitSignature } from './signature.js'
import { readSubject, type SubjectKind } from './subject.js'

/** Nobody writes more than this by hand: the rest can only be pasted. In characters. */
const maxLength = 1_000_000
/** How many forwards inside forwards are opened. */
const maxForwardDepth = 5
/** A block of headers has no more lines than these. */
const maxHeaderLines = 12

export interface EmailParts {
  /** Without its reply and forward prefixes; '' when the text has none. */
  readonly subject: string
  readonly kind: SubjectKind
  /** What the sender wrote for this mail. */
  readonly newest: string
  readonly quoted: string
  /** What was forwarded, its header lines included. */
  readonly forwarded: string
  readonly signature: string
}

/** Takes a pasted mail, headers included or not, apart. Linear in its length. */
export function splitEmail(raw: string): EmailParts {
  const lines = toLines(raw.slice(0, maxLength))
  const head = readHead(lines)
  const body = splitBody(lines.slice(head.bodyStart), head.kind)
  const own = splitSignature(body.own)
  return {
    subject: head.subject,
    kind: head.kind,
    newest: join(own.text),
    quoted: join(body.quoted),
    forwarded: join(unquote(body.forwarded)),
    signature: join(own.signature),
  }
}

/**
 * Gives the part of a mail that decides what it is: the sender's newest text, with the subject unless
 * that is inherited from the mail answered or forwarded; for a forward without text of its own, what
 * it forwards. '' when all is quoted.
 */
export function getDecidingText(raw: string): string {
  return decide(raw, maxForwardDepth)
}

function decide(raw: string, depth: number): string {
  const { subject, kind, newest, quoted, forwarded, signature } = splitEmail(raw)
  if (hasWords(newest)) return kind === 'new' ? join([subject, newest]) : newest
  const inner = depth > 0 && forwarded !== '' ? decide(forwarded, depth - 1) : ''
  if (hasWords(inner)) return inner
  if (kind === 'reply' && quoted !== '') return ''
  return join([subject, quoted === '' ? signature || newest : newest])
}

interface Head {
  readonly subject: string
  readonly kind: SubjectKind
  readonly bodyStart: number
}

/** Reads the header lines that a pasted mail begins with: a subject alone, or a block of two or more. */
function readHead(lines: readonly string[]): Head {
  const start = lines.findIndex((line) => line.trim() !== '')
  if (start < 0) return { subject: '', kind: 'new', bodyStart: lines.length }
  const headers = readHeaderBlock(lines, start)
  const subject = headers.find(({ name }) => name === 'subject')
  if (subject || headers.length >= 2) {
    const { kind, text } = readSubject(subject?.value ?? '')
    return { subject: text, kind, bodyStart: start + headers.length }
  }
  const { kind, text } = readSubject(lines[start] ?? '')
  return kind === 'new'
    ? { subject: '', kind, bodyStart: start }
    : { subject: text, kind, bodyStart: start + 1 }
}

function readHeaderBlock(lines: readonly string[], start: number) {
  const headers = []
  for (let index = start; index < start + maxHeaderLines; index++) {
    const header = readQuotedHeader(lines[index] ?? '')
    if (!header) break
    headers.push(header)
  }
  return headers
}

interface Body {
  readonly own: readonly string[]
  readonly quoted: readonly string[]
  readonly forwarded: readonly string[]
}

function splitBody(lines: readonly string[], kind: SubjectKind): Body {
  const own: string[] = []
  const quoted: string[] = []
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? ''
    const attribution = countAttributionLines(lines, index)
    const border = attribution > 0 ? 'quote' : findBorder(lines, index, kind)
    if (border === 'forward') return { own, quoted, forwarded: lines.slice(index + 1) }
    if (border === 'headers') return { own, quoted, forwarded: lines.slice(index) }
    if (isQuotedLine(line)) quoted.push(line)
    else if (border === undefined) own.push(line)
    else if (attribution === 0 || !quotesFollow(lines, index + attribution)) {
      return { own, quoted: [...quoted, ...lines.slice(index)], forwarded: [] }
    } else index += attribution - 1
  }
  return { own, quoted, forwarded: [] }
}

/**
 * Says what begins at a line that is not the sender's own. The same block of headers stands above
 * what is answered and above what is forwarded; the subject's prefix tells them apart.
 */
function findBorder(
  lines: readonly string[],
  index: number,
  kind: SubjectKind,
): 'quote' | 'forward' | 'headers' | undefined {
  const line = lines[index] ?? ''
  if (isForwardMarker(line)) return 'forward'
  if (isOriginalMarker(line)) return kind === 'forward' ? 'forward' : 'quote'
  if (!isHeaderBlock(lines, index)) return undefined
  return kind === 'reply' ? 'quote' : 'headers'
}

/** `De: São Paulo / Para: Rio` is an itinerary: a mail's headers have a subject or an address too. */
function isHeaderBlock(lines: readonly string[], index: number): boolean {
  if (readQuotedHeader(lines[index] ?? '')?.name !== 'from' || isQuotedLine(lines[index] ?? ''))
    return false
  const headers = readHeaderBlock(lines, index)
  const isMail = headers.some(({ name, value }) => name === 'subject' || value.includes('@'))
  return headers.length >= 2 && isMail
}

/** Below an attribution either the quoted lines are marked, or all that follows is quoted. */
function quotesFollow(lines: readonly string[], start: number): boolean {
  for (let index = start; index < lines.length; index++) {
    const line = lines[index] ?? ''
    if (line.trim() !== '') return isQuotedLine(line)
  }
  return false
}

/** Some programs quote what they forward. */
function unquote(lines: readonly string[]): readonly string[] {
  const first = lines.find((line) => line.trim() !== '')
  if (first === undefined || !isQuotedLine(first)) return lines
  return lines.map(unquoteLine)
}

const join = (lines: readonly string[]): string => lines.join('\n').trim()

const hasWords = (text: string): boolean => /[\p{L}\p{N}]/u.test(text)
