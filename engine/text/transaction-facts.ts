import type { Sample } from '../samples.js'

/** Puts amount and date behind the text, because payments that belong together may share digits. */
export const spellPayment = ({ text, amount, date }: Sample): string =>
  [text, amount, date].filter((part) => part !== undefined).join(' ')

/** How many steps of size there are until an amount has doubled. */
const stepsPerDoubling = 2

/**
 * Gives facts about the amount and date of a payment: a bill that comes every month has its amount, its day and its
 * size. A second, shifted scale of sizes keeps close amounts on two sides of a step together.
 */
export function describePayment({ amount, date }: Sample): readonly string[] {
  return [...describeAmount(amount), ...describeDate(date)]
}

function describeAmount(amount: number | undefined): string[] {
  if (amount === undefined || !Number.isFinite(amount)) return []
  const sign = amount < 0 ? '-' : '+'
  const size = stepsPerDoubling * Math.log2(Math.abs(amount) + 1)
  const isWhole = Number.isInteger(amount)
  return [
    `sign ${sign}`,
    `size ${sign}${Math.floor(size)}`,
    `size ${sign}${Math.floor(size + 0.5)}½`,
    `size ${sign}${Math.floor(size / 3)}x`,
    `cents ${isWhole ? 'none' : Math.abs(Math.round(amount * 100)) % 100}`,
    `amount ${amount}`,
  ]
}

function describeDate(date: string | undefined): string[] {
  const time = Date.parse(`${date ?? ''}T00:00:00Z`)
  if (Number.isNaN(time)) return []
  const when = new Date(time)
  const day = when.getUTCDate()
  return [
    `day ${day}`,
    `third ${Math.min(2, Math.floor((day - 1) / 10))}`,
    `month ${when.getUTCMonth() + 1}`,
    `weekday ${when.getUTCDay()}`,
  ]
}
