export const sayRows = (rows: number): string => (rows === 1 ? '1 row' : `${rows} rows`)

/** On one line, cut to what a message has room for. */
export const quote = (written: string): string => {
  const line = written.replace(/\s+/gu, ' ')
  return `“${line.length > 40 ? `${line.slice(0, 39)}…` : line}”`
}
