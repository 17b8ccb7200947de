export const sayRows = (rows: number): string => (rows === 1 ? '1 row' : `${rows} rows`)

/** Quotes a text on one line, cut to fit into a message. */
export const quote = (written: string): string => {
  const line = written.replace(/\s+/gu, ' ')
  return `“${line.length > 40 ? `${line.slice(0, 39)}…` : line}”`
}
