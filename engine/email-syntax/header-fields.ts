/** A header of a pasted mail: its English name in small letters, its value on one line. */
export interface Header {
  readonly name: string
  readonly value: string
}

/** The headers that mail programs show, by their English names. */
const shownNames = {
  from: ['from', 'de'],
  sender: ['sender'],
  to: ['to', 'para'],
  cc: ['cc'],
  bcc: ['bcc', 'cco'],
  subject: ['subject', 'assunto'],
  date: ['date', 'data', 'sent', 'enviado', 'enviada', 'enviado em', 'enviada em'],
  'reply-to': ['reply-to', 'responder a'],
} as const

const englishNames: ReadonlyMap<string, string> = new Map(
  Object.entries(shownNames).flatMap(([name, written]) => written.map((one) => [one, name])),
)

/** The headers that mail programs hide. `Obs:` and `Pedido:` are a person's words, not headers. */
const hiddenName =
  /^(?:precedence|references|received|(?:x|list|arc|content|resent|auto|message|return|delivered|dkim|domainkey|authentication|received|mime|thread|in|errors|feedback|user|importance|envelope|original)-[\w-]+)$/u

/** Where one of these stands, the mail was pasted from its source, and each line down to the empty one is a header. */
const sourceName = /^(?:received|return-path|message-id|mime-version|delivered-to|dkim-signature)$/u

const headerLine = /^\*?(\p{L}[\p{L}\d_-]*(?: \p{L}{1,10})?)\*?\s?:\*?(.*)$/u

/** Reads a header that mail programs show, such as `Assunto: …`. @returns undefined for any other line */
export function readShownHeader(line: string): Header | undefined {
  const { written, value } = splitHeader(line)
  const name = englishNames.get(written)
  return name === undefined ? undefined : { name, value }
}

/**
 * Reads a header, shown or hidden. @returns undefined for any other line
 * @param isSource whether the mail was pasted from its source: any name counts then
 */
export function readHeader(line: string, isSource: boolean): Header | undefined {
  const { written, value } = splitHeader(line)
  const name = englishNames.get(written)
  if (name !== undefined) return { name, value }
  const isHeader = hiddenName.test(written) || (isSource && /^[\w-]+$/u.test(written))
  return isHeader ? { name: written, value } : undefined
}

/** Says whether only the source of a mail has this header. */
export const isSourceHeader = ({ name }: Header): boolean => sourceName.test(name)

function splitHeader(line: string): { readonly written: string; readonly value: string } {
  const [, written = '', value = ''] = headerLine.exec(line) ?? []
  return { written: written.toLowerCase(), value: value.trim() }
}
