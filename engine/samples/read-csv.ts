import { CsvError, parse } from 'csv-parse/sync'
import { type Field, matchColumns, type RawRow } from './raw-row.js'

/** A quote that is never closed would read the rest of the file as one row. In UTF-16 units. */
const maxRecordLength = 1_000_000

/** Reads rows under a header. @throws Error that names `file:line` for what breaks RFC 4180 */
export function readCsv(fileName: string, content: string): readonly RawRow[] {
  const [header, ...records] = readRecords(fileName, content)
  if (header === undefined) return []
  const columns = matchColumns(header.cells)
  requireColumns(fileName, columns, header.cells)
  const places = [...columns].map(([field, name]) => ({ field, at: header.cells.indexOf(name) }))
  return records.map(({ line, cells }) => {
    const fields = new Map<Field, string>()
    for (const { field, at } of places) {
      const cell = cells[at] ?? ''
      if (cell.trim() !== '') fields.set(field, cell)
    }
    return { line, fields }
  })
}

interface CsvRecord {
  /** Where it begins. */
  readonly line: number
  readonly cells: readonly string[]
}

function readRecords(fileName: string, content: string): readonly CsvRecord[] {
  const ends: number[] = []
  try {
    const records = parse(content, {
      delimiter: findDelimiter(content),
      skip_empty_lines: true,
      max_record_size: maxRecordLength,
      on_record: (record, { lines }) => {
        ends.push(lines)
        return record
      },
    })
    return records.map((cells, at) => ({ line: (ends[at - 1] ?? 0) + 1, cells }))
  } catch (error) {
    throw error instanceof CsvError ? explain(fileName, error) : error
  }
}

/** Finds the separator that the header has most of, outside quotes; the comma where it has none. */
function findDelimiter(content: string): string {
  const header = (/^\s*([^\r\n]*)/u.exec(content.slice(0, maxRecordLength))?.[1] ?? '').replace(
    /"[^"]*"/gu,
    '',
  )
  const counts = [',', ';', '\t'].map((mark) => ({ mark, count: header.split(mark).length }))
  return counts.reduce((best, one) => (one.count > best.count ? one : best)).mark
}

function explain(fileName: string, error: CsvError): Error {
  const line = error['lines']
  const place = typeof line === 'number' ? `${fileName}:${line}` : fileName
  return new Error(`${place}: ${sentences[error.code] ?? error.message}`)
}

const unquoted =
  'a quote within a text: put the text in quotes and write "" for each quote within it.'
const sentences: Readonly<Partial<Record<string, string>>> = {
  CSV_RECORD_INCONSISTENT_FIELDS_LENGTH:
    'another number of columns than the header: put quotes around a text that holds the separator.',
  CSV_QUOTE_NOT_CLOSED:
    'a quote is opened and never closed: close it, or write "" for a quote within a text.',
  CSV_INVALID_CLOSING_QUOTE: unquoted,
  INVALID_OPENING_QUOTE: unquoted,
  CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE: unquoted,
  CSV_MAX_RECORD_SIZE:
    'a row of more than a million characters: a quote is likely opened and never closed.',
}

function requireColumns(
  fileName: string,
  columns: ReadonlyMap<Field, string>,
  header: readonly string[],
): void {
  const lacks = !columns.has('label')
    ? 'label (or category)'
    : !columns.has('text') && !columns.has('body')
      ? 'text (or description, or subject and body)'
      : undefined
  if (lacks === undefined) return
  const names = header.slice(0, 12).join(', ').slice(0, 200)
  throw new Error(`${fileName}:1: no column is called ${lacks}: the header says ${names}.`)
}
