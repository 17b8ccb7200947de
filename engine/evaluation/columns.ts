export interface Column {
  readonly title: string
  readonly align: 'left' | 'right'
}

/** Aligns rows of cells under their titles, two blanks apart. */
export function setColumns(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const widths = columns.map(({ title }, at) =>
    Math.max(widthOf(title), ...rows.map((row) => widthOf(row[at] ?? ''))),
  )
  const setLine = (cells: readonly string[]) =>
    columns
      .map(({ align }, at) => pad(cells[at] ?? '', widths[at] ?? 0, align))
      .join('  ')
      .trimEnd()
  return [columns.map(({ title }) => title), ...rows].map(setLine)
}

function pad(cell: string, width: number, align: Column['align']): string {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(cell)))
  return align === 'left' ? cell + blanks : blanks + cell
}

/** Characters as a reader counts them, not UTF-16 units. */
const widthOf = (cell: string): number => Array.from(cell.normalize('NFC')).length
