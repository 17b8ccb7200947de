/** A header of a pasted mail: its name in small letters, its value on one line. */
export interface Header {
  readonly name: string
  readonly value: string
}

/** Who stands in a `From`; '' for what is missing. */
export interface Mailbox {
  readonly name: string
  readonly address: string
}

/** Signatures and traces make long heads; beyond this it isn't one. */
const longestHead = 64_000
const longestLine = 2_000

const fieldLine = /^\*?([\p{L}][\p{L}\d_-]*(?: [\p{L}]{1,10})?)\*?\s?:\*?(.*)$/u
/** What mail programs show, in Portuguese too, and what they hide. `Obs:` and `Pedido:` are a person's words. */
const fieldName =
  /^(?:from|de|sender|to|para|cc|cco|bcc|subject|assunto|date|data|sent|enviad[oa](?: em)?|reply-to|responder a|precedence|references|received|(?:x|list|arc|content|resent|auto|message|return|delivered|dkim|domainkey|authentication|received|mime|thread|in|errors|feedback|user|importance|envelope|original)-[\w-]+)$/u
/** Fields that no mail program shows: where one stands, all down to the empty line is the head. */
const rawName = /^(?:received|return-path|message-id|mime-version|delivered-to|dkim-signature)$/u
const sameName = new Map([
  ['de', 'from'],
  ['assunto', 'subject'],
])

/**
 * Reads the headers that a pasted mail begins with (RFC 5322, 2.2), folded lines joined: the mail's own.
 * Those of a mail that it quotes or forwards stand below an empty line or the sender's words, or begin
 * again with a second `From` or `Subject`.
 */
export function readOwnHeaders(text: string): readonly Header[] {
  const headers: Header[] = []
  let isRaw = false
  for (const line of readHead(text)) {
    if (line.trim() === '') break
    const header = /^\s/u.test(line) ? undefined : readField(line, isRaw)
    const last = headers.at(-1)
    if (header !== undefined) {
      if (beginsAnother(header, headers)) break
      headers.push(header)
      isRaw ||= rawName.test(header.name)
    } else if (last !== undefined && (isRaw || /^\s/u.test(line))) {
      headers[headers.length - 1] = { ...last, value: `${last.value} ${line.trim()}` }
    } else break
  }
  return headers
}

/** Without the empty lines and the indentation that pasting adds, and an mbox's first line. */
function readHead(text: string): readonly string[] {
  const head = text.slice(0, longestHead).replace(/^[\s\uFEFF]*\n/u, '')
  const indent = /^[ \t\uFEFF]*/u.exec(head)?.[0] ?? ''
  const lines = head.split(/\r\n|\r|\n/u).map((line) => line.slice(0, longestLine))
  const first = /^From \S+ .{0,60}\d{4}$/u.test(lines[0] ?? '') ? 1 : 0
  return lines
    .slice(first)
    .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
}

function readField(line: string, isRaw: boolean): Header | undefined {
  const match = fieldLine.exec(line)
  const written = (match?.[1] ?? '').toLowerCase()
  if (!fieldName.test(written) && !(isRaw && /^[\w-]+$/u.test(written))) return undefined
  return { name: sameName.get(written) ?? written, value: (match?.[2] ?? '').trim() }
}

const beginsAnother = ({ name }: Header, before: readonly Header[]): boolean =>
  (name === 'from' || name === 'subject') && before.some((header) => header.name === name)

/** Reads `"Ana Lima" <ana@example.org>`, a bare address, a bare name, and what Outlook makes of them. */
export function readMailbox(value: string): Mailbox {
  const decoded = decodeWords(value).trim()
  const named = /^([^<>[\]]*)[<[](?:mailto:)?([^<>[\]\s]*)[>\]]\s*$/iu.exec(decoded)
  if (named) return { name: unquote(named[1] ?? ''), address: named[2] ?? '' }
  const bare = /^(\S+@\S+?)(?: \(([^()]*)\))?$/u.exec(decoded)
  if (bare) return { name: unquote(bare[2] ?? ''), address: bare[1] ?? '' }
  return { name: decoded.includes('@') ? '' : unquote(decoded), address: '' }
}

const unquote = (name: string): string =>
  name
    .trim()
    .replace(/^["'“]+|["'”]+$/gu, '')
    .trim()

/** Decodes `=?UTF-8?Q?Jo=C3=A3o?=` (RFC 2047); what can't be decoded stays as it is. */
export function decodeWords(value: string): string {
  return value
    .replace(/(\?=)\s+(?==\?)/gu, '$1')
    .replace(/=\?([\w-]{1,30})(?:\*\w+)?\?([BQ])\?([^?\s]{0,500})\?=/giu, decodeWord)
}

function decodeWord(word: string, charset: string, encoding: string, content: string): string {
  const bytes =
    encoding.toUpperCase() === 'B'
      ? Buffer.from(content, 'base64')
      : Buffer.from(
          content
            .replaceAll('_', ' ')
            .replace(/=([\dA-F]{2})/giu, (_, hex: string) =>
              String.fromCharCode(parseInt(hex, 16)),
            ),
          'latin1',
        )
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes)
  } catch {
    return word
  }
}
