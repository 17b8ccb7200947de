import { type Header, readShownHeader } from './header-fields.js'
import { maxMarkerLength } from './lines.js'

/** The marks by which mail programs set apart what is quoted or forwarded. */

const quoteMark = /^\s{0,8}> ?/u
const quoteMarks = /^[>\s]{0,20}/u
const forwardLine =
  /^[-\s>*_]{0,40}(?:in[ií]cio da )?(?:begin )?(?:mensagem (?:re)?encaminhada|forwarded message)[-\s*_:]{0,40}$/iu
const originalLine = /^[-_\s>]{2,40}(?:mensagem original|original message)[-_\s]{0,40}$/iu
const attributionStart = /^[\s>]{0,20}(?:em|no dia|on)\s/iu
const attributionEnd = /(?:escreveu|wrote)\s?:$/iu

/** Programs wrap an attribution. */
const maxAttributionLines = 3

/** Says whether a line is marked as quoted. */
export const isQuotedLine = (line: string): boolean => quoteMark.test(line)

/** Takes one quote mark off a line. */
export const unquoteLine = (line: string): string => line.replace(quoteMark, '')

/** Says whether what follows the line was forwarded. */
export const isForwardMarker = (line: string): boolean =>
  line.length < maxMarkerLength && forwardLine.test(line)

/** Says whether the line stands above the mail that is answered, or that is forwarded. */
export const isOriginalMarker = (line: string): boolean =>
  line.length < maxMarkerLength && originalLine.test(line)

/** Reads a header as it stands above a quoted or forwarded mail, quote marks left out. */
export const readQuotedHeader = (line: string): Header | undefined =>
  readShownHeader(line.slice(0, maxMarkerLength).replace(quoteMarks, ''))

/**
 * Counts the lines of an attribution such as `Em 3 de mar. de 2025, Ana escreveu:` that begins at `start`; 0 when
 * there is none. A date has digits: a line without one is the sender's own sentence.
 */
export function countAttributionLines(lines: readonly string[], start: number): number {
  if (!attributionStart.test((lines[start] ?? '').slice(0, maxMarkerLength))) return 0
  let joined = ''
  for (let count = 1; count <= maxAttributionLines; count++) {
    const line = lines[start + count - 1]?.trim() ?? ''
    if (line === '' || line.length > maxMarkerLength) return 0
    joined += ' ' + line
    if (attributionEnd.test(line)) return /\d/u.test(joined) ? count : 0
  }
  return 0
}
