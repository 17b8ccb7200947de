const lineEnd = /\r\n?|[\v\f\u0085\u2028\u2029]/g
const byteOrderMark = /\uFEFF/g
const controlOtherThanLineFeedAndTab = /(?![\n\t])\p{Cc}/gu

/**
 * Makes text from outside safe to store, send and compare: every line end is LF, accents are composed
 * (NFC), byte order marks and control characters other than LF and tab are gone, lone surrogates are U+FFFD.
 */
export function cleanText(text: string): string {
  return text
    .replace(byteOrderMark, '')
    .replace(lineEnd, '\n')
    .replace(controlOtherThanLineFeedAndTab, '')
    .toWellFormed()
    .normalize('NFC')
}
