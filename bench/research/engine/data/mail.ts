import type { EmailExample } from '../../../../engine/examples.js'
import { toSample } from '../../../../engine/default-email-model.js'
import { createRandom } from '../../../../engine/text/hashing.js'
import type { BenchRow } from './bench-row.js'

/** A mail by its category: the baseline gets the whole of it, headers, quotes and signature included. */
export const mailRow = (example: EmailExample): BenchRow => ({
  sample: toSample(example),
  baselineText: example.text,
})

/**
 * A share of the rows by chance, two neighbours together: contrast pairs stand side by side. In their order.
 * @param share 0 to 1
 */
export function draw<T>(rows: readonly T[], share: number, seed: number): readonly T[] {
  const random = createRandom(seed)
  const pairs = Array.from({ length: Math.ceil(rows.length / 2) }, (_, pair) => ({
    pair,
    order: random(),
  }))
  const drawn = pairs
    .toSorted((left, right) => left.order - right.order)
    .slice(0, Math.round(share * pairs.length))
  const kept = new Set(drawn.map(({ pair }) => pair))
  return rows.filter((_, at) => kept.has(Math.floor(at / 2)))
}
