import iconv from 'iconv-lite'
import { cleanText } from '../../engine/clean-text.js'
import { NotTextError } from './not-text-error.js'

/**
 * Text out of bytes in UTF-8, UTF-16 (either order), Windows-1252 or Latin-1, with or without a byte
 * order mark. Takes the whole file; gives the cleaned text (see cleanText). Throws NotTextError for a
 * program, an archive, a picture and the like.
 */
export function decodeText(bytes: Uint8Array): string {
  return cleanText(decodeCharacters(bytes))
}

/** The same without the cleaning, for what has a syntax of its own. Throws NotTextError likewise. */
export function decodeCharacters(bytes: Uint8Array): string {
  const text = decodeMarked(bytes) ?? decodeUnmarked(bytes)
  if (text.includes('\0') || hasManyControls(text)) throw new NotTextError()
  return text
}

function decodeMarked(bytes: Uint8Array): string | undefined {
  const [first, second, third] = bytes
  if (first === 0xef && second === 0xbb && third === 0xbf) return decodeAs('utf-8', bytes)
  if (first === 0xff && second === 0xfe) return decodeAs('utf-16le', bytes)
  if (first === 0xfe && second === 0xff) return decodeAs('utf-16be', bytes)
  return undefined
}

function decodeUnmarked(bytes: Uint8Array): string {
  if (bytes.includes(0)) return decodeUnmarkedUtf16(bytes)
  const text = decodeAs('utf-8', bytes)
  const broken = count(text, /\uFFFD/g)
  // Accented Latin-1 hardly ever forms UTF-8 sequences by chance, so when most of what is not ASCII
  // is valid the file is UTF-8 with a few bytes lost (a cut end), not another charset.
  const valid = count(text, /[^\0-\x7F\uFFFD]/gu)
  return broken === 0 || valid > broken ? text : iconv.decode(bytes, 'windows-1252')
}

/** Latin text in UTF-16 has its zero bytes all in the high halves; binary content has them in both. */
function decodeUnmarkedUtf16(bytes: Uint8Array): string {
  const zeros = [0, 0]
  bytes.forEach((byte, index) => {
    if (byte === 0) zeros[index % 2] = (zeros[index % 2] ?? 0) + 1
  })
  const [even = 0, odd = 0] = zeros
  const units = bytes.length / 2
  const mostlyLatin = Math.max(even, odd) >= units * minLatinShare
  if (!Number.isInteger(units) || Math.min(even, odd) > 0 || !mostlyLatin) throw new NotTextError()
  const text = decodeAs(odd > 0 ? 'utf-16le' : 'utf-16be', bytes)
  // Without a mark there is only this guess to go by, and one control speaks against it.
  if (count(text, controls) > 0) throw new NotTextError()
  return text
}

const minLatinShare = 0.5

/** One character in ten of random bytes is a control; text has a stray one at most. */
function hasManyControls(text: string): boolean {
  const found = count(text, controls)
  return found >= minControls && found > text.length * maxControlShare
}

/** All but white space, escape (in terminal logs) and next line (in mainframe text). */
const controls = /(?![\t\n\v\f\r\u001B\u0085])\p{Cc}/gu
const minControls = 8
const maxControlShare = 0.05

function decodeAs(charset: 'utf-8' | 'utf-16le' | 'utf-16be', bytes: Uint8Array): string {
  return new TextDecoder(charset).decode(bytes)
}

/** How many UTF-16 units match. */
function count(text: string, pattern: RegExp): number {
  return text.length - text.replace(pattern, '').length
}
