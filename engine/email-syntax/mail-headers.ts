import { type Header, isSourceHeader, readHeader } from './header-fields.js'

/** Signatures and traces make long heads; a longer one is no head. */
const maxHeadLength = 64_000
const maxLineLength = 2_000

/**
 * Reads the headers that a pasted mail begins with (RFC 5322, 2.2), folded lines joined. Only the mail's own: the
 * headers of a mail that it quotes or forwards stand below an empty line or the sender's words, or begin again with
 * a second `From` or `Subject`.
 */
export function readOwnHeaders(text: string): readonly Header[] {
  const headers: Header[] = []
  let isSource = false
  for (const line of readHead(text)) {
    if (line.trim() === '') break
    const header = /^\s/u.test(line) ? undefined : readHeader(line, isSource)
    const last = headers.at(-1)
    if (header !== undefined) {
      if (beginsAnother(header, headers)) break
      headers.push(header)
      isSource ||= isSourceHeader(header)
    } else if (last !== undefined && (isSource || /^\s/u.test(line))) {
      headers[headers.length - 1] = { ...last, value: `${last.value} ${line.trim()}` }
    } else break
  }
  return headers
}

/** Without the empty lines and the indentation that pasting adds, and an mbox's first line. */
function readHead(text: string): readonly string[] {
  const head = text.slice(0, maxHeadLength).replace(/^[\s\uFEFF]*\n/u, '')
  const indent = /^[ \t\uFEFF]*/u.exec(head)?.[0] ?? ''
  const lines = head.split(/\r\n|\r|\n/u).map((line) => line.slice(0, maxLineLength))
  const first = /^From \S+ .{0,60}\d{4}$/u.test(lines[0] ?? '') ? 1 : 0
  return lines
    .slice(first)
    .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
}

const beginsAnother = ({ name }: Header, before: readonly Header[]): boolean =>
  (name === 'from' || name === 'subject') && before.some((header) => header.name === name)
