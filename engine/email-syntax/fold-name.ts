/** `São` and `sao` are one word: gives it in small letters, without accents. */
export const foldName = (word: string): string =>
  word.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
