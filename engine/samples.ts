import { readCsv } from './samples/read-csv.js'
import { readJsonLines } from './samples/read-json-lines.js'
import { toSamples } from './samples/to-samples.js'

export interface Sample {
  readonly text: string
  readonly amount?: number
  /** yyyy-mm-dd */
  readonly date?: string
}

export interface LabelledSample extends Sample {
  readonly label: string
  /** The topic of a mail. */
  readonly topic?: string
  /** 'pt', 'en' or any other; '' or absent where unknown. */
  readonly language?: string
}

/** Nobody labels more by hand: a larger file would only fill the memory. In UTF-16 units. */
const maxContentLength = 200_000_000

/**
 * Reads labelled texts out of a file's decoded content: `.jsonl`, an object a line, or `.csv` (and `.tsv`) with a header, parted by comma,
 * semicolon or tab (RFC 4180). A row has `text` (or `subject` and `body`) and `label` (or `category`), and may have `topic`,
 * `language`, `amount` and `date`; the Portuguese names do too. Other columns are left unread.
 * @throws Error that names `file:line`, or the file, and says what to do
 */
export function parseSamples(fileName: string, content: string): readonly LabelledSample[] {
  if (content.length > maxContentLength)
    throw new Error(`${fileName}: more than ${maxContentLength / 1e6} MB: take a part of it.`)
  const rows = chooseReader(fileName)(fileName, content.replace(/^\uFEFF/u, ''))
  if (rows.length === 0)
    throw new Error(`${fileName}: holds no row: give one labelled text a line.`)
  return toSamples(fileName, rows)
}

function chooseReader(fileName: string) {
  if (/\.(?:jsonl|ndjson)$/iu.test(fileName)) return readJsonLines
  if (/\.(?:csv|tsv)$/iu.test(fileName)) return readCsv
  throw new Error(`${fileName}: neither .jsonl nor .csv: name it for what it holds.`)
}
