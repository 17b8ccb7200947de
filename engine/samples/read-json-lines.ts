import { type Field, matchColumns, type RawRow } from './raw-row.js'

/** Reads one JSON object a line; blank lines are skipped. @throws Error that names `file:line` */
export function readJsonLines(fileName: string, content: string): readonly RawRow[] {
  return content.split(/\r?\n/u).flatMap((text, index) => {
    if (text.trim() === '') return []
    const line = index + 1
    return [{ line, fields: readFields(`${fileName}:${line}`, text) }]
  })
}

function readFields(place: string, text: string): ReadonlyMap<Field, string | number> {
  const values = new Map<string, unknown>(Object.entries(readObject(place, text)))
  const fields = new Map<Field, string | number>()
  for (const [field, name] of matchColumns([...values.keys()])) {
    const value = values.get(name)
    if (value === null || value === '') continue
    if (typeof value !== 'string' && typeof value !== 'number')
      throw new Error(`${place}: ${name} must be words or a number.`)
    fields.set(field, value)
  }
  return fields
}

function readObject(place: string, text: string): object {
  const value = parse(place, text)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new Error(`${place}: not a JSON object: write {"text": "…", "label": "…"}.`)
}

function parse(place: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error(`${place}: not JSON: write one object a line, {"text": "…", "label": "…"}.`)
  }
}
