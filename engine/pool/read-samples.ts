import type { Sample } from '../samples.js'

/**
 * Reads a list of samples from JSON. Other properties of an item, such as an id, are ignored.
 *
 * @returns undefined in the place of an item that is no sample
 * @throws Error where it is no list
 */
export function readSamples(json: Uint8Array): (Sample | undefined)[] {
  const text = Buffer.from(json.buffer, json.byteOffset, json.byteLength).toString()
  const items: unknown = JSON.parse(text)
  if (!Array.isArray(items)) throw new Error('The samples are no list.')
  return items.map(toSample)
}

function toSample(item: unknown): Sample | undefined {
  if (typeof item !== 'object' || item === null) return undefined
  if (!('text' in item) || typeof item.text !== 'string') return undefined
  const amount = 'amount' in item ? item.amount : undefined
  const date = 'date' in item ? item.date : undefined
  return {
    text: item.text,
    ...(typeof amount === 'number' ? { amount } : {}),
    ...(typeof date === 'string' ? { date } : {}),
  }
}
