import { foldUsername, maxUsernameLength, tidyUsername } from './fold-username.js'

/** Control, format, private and unassigned characters, halves of pairs, and what is drawn as nothing. */
const unseen = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u

/** The scripts that Unicode (UAX 31, table 5) names for daily use: the others serve to look like them. */
const scripts = [
  ...['Common', 'Inherited', 'Latin', 'Greek', 'Cyrillic', 'Armenian', 'Georgian', 'Hebrew'],
  ...['Arabic', 'Ethiopic', 'Devanagari', 'Bengali', 'Gurmukhi', 'Gujarati', 'Oriya', 'Tamil'],
  ...['Telugu', 'Kannada', 'Malayalam', 'Sinhala', 'Thai', 'Lao', 'Khmer', 'Myanmar', 'Tibetan'],
  ...['Thaana', 'Han', 'Hiragana', 'Katakana', 'Bopomofo', 'Hangul'],
]
const ofDailyUse = new RegExp(`^[${scripts.map((name) => `\\p{Script=${name}}`).join('')}]*$`, 'u')

/** Drawn like v, n and u while their capitals are N, H and Y: no one key could hold both beside Latin letters. */
const ambiguous = /[ηνυ]/u
const latin = /\p{Script=Latin}/u

/** @param name as it came; its length counts once tidied, in code points */
export function validateUsername(name: string): 'ok' | 'invalid' {
  // A code point is two units at most, and tidying one that is far too long takes its time.
  if (name.length > 8 * maxUsernameLength) return 'invalid'
  const tidy = tidyUsername(name)
  if (tidy === '' || Array.from(tidy).length > maxUsernameLength) return 'invalid'
  if (unseen.test(name.trim()) || !ofDailyUse.test(tidy)) return 'invalid'
  if (ambiguous.test(tidy.normalize('NFKD')) && latin.test(tidy)) return 'invalid'
  return foldUsername(name) === '' ? 'invalid' : 'ok'
}
