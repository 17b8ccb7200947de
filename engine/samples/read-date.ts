export type DateOrder = 'day first' | 'month first'

/**
 * Says which of `03/04/2025` is the day: the first, as in Brazil and Portugal, unless the dates of the file have a second
 * number above 12 and no first one.
 */
export function findDateOrder(written: readonly string[]): DateOrder {
  const pairs = written.flatMap((one) => {
    const [, first = '', second = ''] = slashed.exec(one.trim()) ?? []
    return first === '' ? [] : [{ first: Number(first), second: Number(second) }]
  })
  const isMonthFirst =
    pairs.some(({ second }) => second > 12) && pairs.every(({ first }) => first <= 12)
  return isMonthFirst ? 'month first' : 'day first'
}

const slashed = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ T].*)?$/u
const iso = /^(\d{4})-(\d{2})-(\d{2})(?:[ T].*)?$/u

/** Reads a day as yyyy-mm-dd; a time after it is left out. @returns undefined for what is no day of the calendar */
export function readDate(written: string, order: DateOrder): string | undefined {
  const [, year = '', month = '', day = ''] = iso.exec(written.trim()) ?? []
  if (year !== '') return toDay(year, month, day)
  const [, first = '', second = '', ofYear = ''] = slashed.exec(written.trim()) ?? []
  return order === 'day first' ? toDay(ofYear, second, first) : toDay(ofYear, first, second)
}

function toDay(year: string, month: string, day: string): string | undefined {
  const written = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  const time = new Date(`${written}T00:00:00Z`)
  return Number.isNaN(time.getTime()) || !time.toISOString().startsWith(written)
    ? undefined
    : written
}
