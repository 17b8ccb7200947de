import { latinLookAlike } from './look-alikes.js'

export const maxUsernameLength = 255

/** A name as it is kept and shown: composed, trimmed, single-spaced. */
export const tidyUsername = (name: string): string =>
  name.normalize('NFC').replace(/\s+/gu, ' ').trim()

/**
 * The key by which names are one: those that differ only in case, spacing, width or font, or in letters
 * that are drawn alike. Accents count, since they are seen.
 */
export function foldUsername(name: string): string {
  // Taken apart, so that an accented letter of another script is found by its base.
  const apart = Array.from(name.toLowerCase(), latinLookAlike).join('').normalize('NFKD')
  const folded = Array.from(apart, (letter) =>
    Array.from(foldCase(letter), latinLookAlike).join(''),
  )
  // The dot of an i or j is drawn once.
  return tidyUsername(folded.join('').replace(/(?<=[ij])\u0307/gu, ''))
}

/** Of one letter: through the capital, so that ß, ς and ſ come out as ss, σ and s. */
const foldCase = (letter: string): string => letter.toUpperCase().toLowerCase()
