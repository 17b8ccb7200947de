import libmime from 'libmime'

/** Who stands in a `From`; '' for what is missing. */
export interface Mailbox {
  readonly name: string
  readonly address: string
}

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

/** Decodes `=?UTF-8?Q?Jo=C3=A3o?=` (RFC 2047). A byte that the charset lacks becomes U+FFFD. */
export const decodeWords = (value: string): string => libmime.decodeWords(value)
