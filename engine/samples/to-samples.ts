import { cleanText } from '../clean-text.js'
import type { LabelledSample } from '../samples.js'
import type { Field, RawRow } from './raw-row.js'
import { type DateOrder, findDateOrder, readDate } from './read-date.js'
import { readNumber } from './read-number.js'

/** A longer text is a whole document, not an example of how somebody writes. In UTF-16 units. */
const maxTextLength = 50_000
const maxLabelLength = 200

/** Makes samples of a file's rows. @throws Error that names `file:line` for a row that is none */
export function toSamples(fileName: string, rows: readonly RawRow[]): readonly LabelledSample[] {
  const order = findDateOrder(rows.map((row) => textOf(row, 'date')))
  return rows.map((row) => toSample(`${fileName}:${row.line}`, row, order))
}

function toSample(place: string, row: RawRow, order: DateOrder): LabelledSample {
  const amount = row.fields.get('amount')
  const date = textOf(row, 'date')
  const topic = textOf(row, 'topic')
  return {
    text: readText(place, row),
    label: readLabel(place, row),
    language: textOf(row, 'language').toLowerCase(),
    ...(amount === undefined ? {} : { amount: readAmount(place, amount) }),
    ...(date === '' ? {} : { date: readDay(place, date, order) }),
    ...(topic === '' ? {} : { topic }),
  }
}

const textOf = ({ fields }: RawRow, field: Field): string =>
  cleanText(String(fields.get(field) ?? '')).trim()

function readText(place: string, row: RawRow): string {
  const subject = textOf(row, 'subject')
  const body = textOf(row, 'text') || textOf(row, 'body')
  const text = subject === '' ? body : `${subjectName(row)}: ${subject}\n\n${body}`.trim()
  if (text === '') throw new Error(`${place}: no text: write one, or take the row out.`)
  if (text.length > maxTextLength)
    throw new Error(
      `${place}: a text of ${text.length} characters: at most ${maxTextLength}, so keep its beginning.`,
    )
  return text
}

/** As a mail program of that language writes it. */
const subjectName = (row: RawRow): string =>
  textOf(row, 'language').toLowerCase().startsWith('en') ? 'Subject' : 'Assunto'

function readLabel(place: string, row: RawRow): string {
  const label = textOf(row, 'label').replace(/\s+/gu, ' ')
  if (label === '') throw new Error(`${place}: no label: write one, or take the row out.`)
  if (label.length > maxLabelLength)
    throw new Error(`${place}: a label of ${label.length} characters: at most ${maxLabelLength}.`)
  return label
}

function readAmount(place: string, written: string | number): number {
  const amount = typeof written === 'number' ? written : readNumber(written)
  if (amount === undefined || !Number.isFinite(amount))
    throw new Error(`${place}: ${quote(written)} is no amount: write 1.234,56 or 1234.56.`)
  return amount
}

function readDay(place: string, written: string, order: DateOrder): string {
  const day = readDate(written, order)
  if (day === undefined)
    throw new Error(`${place}: ${quote(written)} is no date: write 31/12/2025 or 2025-12-31.`)
  return day
}

const quote = (written: string | number): string => `“${String(written).slice(0, 40)}”`
