/** HTML that is safe to put into a page: made by `html` alone. */
export interface Markup {
  readonly markup: string
}

type Value = string | number | Markup | readonly Markup[]

/**
 * Makes markup of a template; every value is escaped, for element content and quoted attributes alike, unless it is
 * markup itself. Labels and file names come from outside.
 */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return { markup: String.raw({ raw: parts }, ...values.map(render)) }
}

function render(value: Value): string {
  if (typeof value === 'number') return String(Number(value.toFixed(2)))
  if (typeof value === 'string') return escape(value)
  return 'markup' in value ? value.markup : value.map(({ markup }) => markup).join('\n')
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escape = (text: string): string =>
  text.toWellFormed().replace(/[&<>"']/g, (char) => entities[char] ?? char)
