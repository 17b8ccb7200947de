/** The fields of a row, each with its column names, in the order in which they are looked for. */
const namesOfField = {
  text: [
    'text',
    'texto',
    'description',
    'descricao',
    'merchant',
    'fornecedor',
    'message',
    'mensagem',
  ],
  label: ['label', 'category', 'categoria', 'rotulo', 'classe', 'intent'],
  topic: ['topic', 'topico'],
  language: ['language', 'idioma', 'lang'],
  amount: ['amount', 'value', 'valor', 'amount_brl', 'valor_reembolsado'],
  date: ['date', 'data'],
  subject: ['subject', 'assunto'],
  body: ['body', 'corpo'],
} as const

export type Field = keyof typeof namesOfField
export const fields = Object.keys(namesOfField).filter(
  (name): name is Field => name in namesOfField,
)

/** One row of a file, as it is written. */
export interface RawRow {
  /** Where it begins, from 1. */
  readonly line: number
  /** Only fields that the file fills. */
  readonly fields: ReadonlyMap<Field, string | number>
}

/** Says which column of a file holds each field. */
export function matchColumns(columns: readonly string[]): ReadonlyMap<Field, string> {
  const byName = new Map(columns.map((column) => [foldName(column), column]))
  const found = new Map<Field, string>()
  for (const field of fields) {
    const name = namesOfField[field].find((one) => byName.has(one))
    const column = name === undefined ? undefined : byName.get(name)
    if (column !== undefined) found.set(field, column)
  }
  return found
}

/** `Descrição ` is descricao. */
const foldName = (name: string): string =>
  name
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/gu, '_')
