/** Cuts a text into lines, without the characters that nobody sees and with plain blanks. */
export function toLines(text: string): string[] {
  return text
    .replace(/[\u200B-\u200D\u2060\uFEFF]/gu, '')
    .replaceAll('\u00A0', ' ')
    .split(/\r\n|\r|\n/u)
}

/** A marker is a short line. Only so much of a line is read, so that hostile lines cost nothing. */
export const maxMarkerLength = 300
