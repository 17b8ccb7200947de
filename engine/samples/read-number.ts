/**
 * Reads an amount of money as people write it: `1.234,56`, `1,234.56`, `R$ 10`, `-5,00`, `(5,00)` for minus five. One
 * mark before three digits parts thousands (`1.234` is 1234), as it does in both ways of writing.
 * @returns undefined for what is no number
 */
export function readNumber(written: string): number | undefined {
  const bare = written
    .trim()
    .replace(/−/gu, '-')
    .replace(/R\$|US\$|BRL|[$€]/gu, '')
    .replace(/\s+/gu, '')
  const inside = /^\((.+)\)$/u.exec(bare)?.[1]
  const [, sign = '', digits = ''] = /^([-+]?)([\d.,]+)$/u.exec(inside ?? bare) ?? []
  const plain = toPlain(digits)
  if (plain === undefined || (inside !== undefined && sign !== '')) return undefined
  const size = Number(plain)
  if (size > maxAmount) return undefined
  return (inside !== undefined || sign === '-') && size !== 0 ? -size : size
}

/** Larger numbers lose their cents. */
const maxAmount = 1e13

/** As JavaScript writes it. */
function toPlain(digits: string): string | undefined {
  if (/^\d+$/u.test(digits)) return digits
  if (/^[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?$/u.test(digits))
    return digits.replaceAll('.', '').replace(',', '.')
  if (/^[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?$/u.test(digits)) return digits.replaceAll(',', '')
  return /^\d+[.,]\d+$/u.test(digits) ? digits.replace(',', '.') : undefined
}
