/** A longer run of letters or digits is no word: the rest of it is not read. */
export const maxTokenLength = 32

/** Gets a folded token: the first `length` bytes, and their FNV-1a. Valid until the next call. */
export type TokenVisitor = (bytes: Uint8Array, length: number, hash: number) => void

export const fnvStart = 0x811c9dc5

/** One byte more, by FNV-1a of 32 bits (RFC 9923). */
export const fnvStep = (hash: number, byte: number): number => Math.imul(hash ^ byte, 0x01000193)

const apostrophe = 0x27
const typographicApostrophe = 0x2019
/** Two results of folding a code unit that are no character. */
const separator = 0
const needsDecomposing = 1
/** Code units below this one (Latin) are folded by a table. Nearly all text is. */
const tableSize = 0x250
const punctuation = { from: 0x2000, to: 0x206f } as const

/** Ligatures, letters of other widths, accents as characters of their own. */
const decompose = (text: string): string => text.normalize('NFKD').replace(/\p{M}+/gu, '')

const foldings = Uint8Array.from({ length: tableSize }, (_, unit) =>
  foldCharacter(String.fromCharCode(unit)),
)

/** The present token. One array serves all, because a token is visited before the next is read. */
const bytes = new Uint8Array(maxTokenLength)

/**
 * Visits the runs of a-z and of 0-9 of a text, lower case, accents stripped, apostrophes inside a
 * word left out. The words of the table were folded in the
 * same way; with another folding they would not be found.
 */
export function visitTokens(text: string, visit: TokenVisitor): void {
  const source = isFoldedByTable(text) ? text : decompose(text)
  let length = 0
  let hash = fnvStart
  let kind: Kind = 'none'
  for (let at = 0; at < source.length; at++) {
    const byte = foldUnit(source.charCodeAt(at))
    if (byte === apostrophe && kind === 'letters') continue
    const next = kindOf(byte)
    if (next !== kind) {
      if (length > 0) visit(bytes, length, hash)
      length = 0
      hash = fnvStart
      kind = next
    }
    if (kind === 'none' || length === maxTokenLength) continue
    bytes[length++] = byte
    hash = fnvStep(hash, byte)
  }
  if (length > 0) visit(bytes, length, hash)
}

type Kind = 'letters' | 'digits' | 'none'

function kindOf(byte: number): Kind {
  if (byte >= 0x61) return 'letters'
  return byte >= 0x30 ? 'digits' : 'none'
}

function isFoldedByTable(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit < 0x80) continue
    if (unit >= punctuation.from && unit <= punctuation.to) continue
    if (unit >= tableSize || foldings[unit] === needsDecomposing) return false
  }
  return true
}

function foldUnit(unit: number): number {
  if (unit < tableSize) return foldings[unit] ?? separator
  return unit === typographicApostrophe ? apostrophe : separator
}

function foldCharacter(character: string): number {
  const folded = decompose(character).toLowerCase()
  if (folded.length > 1) return needsDecomposing
  return /^[a-z0-9']$/u.test(folded) ? folded.charCodeAt(0) : separator
}
