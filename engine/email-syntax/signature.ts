import { isClosingFormula } from './closings.js'

/** A name, a role, a company, a telephone: what follows more lines than these is text again. */
const maxSignatureLines = 8
const maxNameLineLength = 60
const maxDeviceLineLength = 80

/** What telephones and mail programs add below a mail. */
const deviceLine =
  /^(?:enviado d[oe] (?:meu|minha)|sent from my|obter o? ?outlook para|get outlook for)\b/iu

/** Says whether the line is the advert of a telephone or a mail program. */
export const isDeviceLine = (line: string): boolean =>
  line.length < maxDeviceLineLength && deviceLine.test(line.trim())

/** Says whether the line is `-- ` (RFC 3676, 4.3): all below it is the signature. */
export const isSignatureDelimiter = (line: string): boolean => /^--\s?$/u.test(line)

/** Parts the closing and the name below it from the text; a postscript after them stays text. */
export function splitSignature(lines: readonly string[]): { text: string[]; signature: string[] } {
  const text: string[] = []
  const signature: string[] = []
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? ''
    if (isSignatureDelimiter(line) || isDeviceLine(line))
      return { text, signature: [...signature, ...lines.slice(index)] }
    if (!isClosingFormula(line)) {
      text.push(line)
      continue
    }
    const end = findSignatureEnd(lines, index + 1)
    signature.push(...lines.slice(index, end))
    index = end - 1
  }
  return { text, signature }
}

function findSignatureEnd(lines: readonly string[], start: number): number {
  let end = start
  while (end < lines.length && lines[end]?.trim() === '') end++
  const last = Math.min(lines.length, end + maxSignatureLines)
  while (end < last && isNameLine(lines[end] ?? '')) end++
  return end
}

/** A blank line, a long one or a sentence ends a signature. */
function isNameLine(line: string): boolean {
  const trimmed = line.trim()
  return trimmed !== '' && trimmed.length <= maxNameLineLength && !/[.?!]$/u.test(trimmed)
}
