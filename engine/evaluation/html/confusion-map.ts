import type { ClassScore, Evaluation } from '../evaluate.js'
import { count, percent, shorten } from '../format.js'
import { html, type Markup } from './markup.js'

/** Nobody can read a map of more classes. */
export const maxMappedClasses = 30

const nameWidth = 250
const headHeight = 150

/**
 * Draws a cell for each pair of labels, as dark as its share of the true label's rows. The diagonal is right, the rest is
 * confused.
 */
export function drawConfusionMap({ classes, confusions }: Evaluation): Markup {
  const size = classes.length > 12 ? 22 : 34
  const counts = new Map(confusions.map((one) => [key(one.truth, one.predicted), one.count]))
  for (const { label, hits } of classes) counts.set(key(label, label), hits)
  const cells = classes.flatMap((truth, row) =>
    classes.flatMap((predicted, column) => {
      const times = counts.get(key(truth.label, predicted.label)) ?? 0
      return times === 0 ? [] : [drawCell({ truth, predicted, times, row, column, size })]
    }),
  )
  const names = classes.map(({ label }, at) => drawNames(label, at, size))
  const side = classes.length * size
  return html`<svg
    width="${nameWidth + side + 90}"
    height="${headHeight + side + 8}"
    role="img"
    aria-label="Confusion map: true labels in rows, predicted ones in columns"
  >
    ${names}
    <rect
      x="${nameWidth}"
      y="${headHeight}"
      width="${side}"
      height="${side}"
      fill="none"
      class="rule"
    />
    ${cells}
  </svg>`
}

const key = (truth: string, predicted: string): string => JSON.stringify([truth, predicted])

interface Cell {
  readonly truth: ClassScore
  readonly predicted: ClassScore
  readonly times: number
  readonly row: number
  readonly column: number
  readonly size: number
}

function drawCell({ truth, predicted, times, row, column, size }: Cell): Markup {
  const share = truth.support === 0 ? 0 : times / truth.support
  const [left, top] = [nameWidth + column * size, headHeight + row * size]
  const isHit = truth.label === predicted.label
  const said = isHit
    ? `${truth.label}: ${count(times)} right (${percent(share)})`
    : `${truth.label} taken for ${predicted.label}: ${count(times)} (${percent(share)})`
  return html`<g
    ><title>${said}</title>
    <rect
      class="${isHit ? 'hit' : 'miss'}"
      x="${left + 1}"
      y="${top + 1}"
      width="${size - 2}"
      height="${size - 2}"
      fill-opacity="${0.08 + 0.72 * Math.sqrt(share)}"
    />
    <text class="count middle" x="${left + size / 2}" y="${top + size / 2 + 4}"
      >${shortCount(times)}</text
    ></g
  >`
}

/** Fits into a cell. */
const shortCount = (times: number): string =>
  times < 1000 ? String(times) : `${(times / 1000).toFixed(times < 10_000 ? 1 : 0)}k`

function drawNames(label: string, at: number, size: number): Markup {
  const middle = at * size + size / 2
  const name = shorten(label)
  return html`<text class="name end" x="${nameWidth - 8}" y="${headHeight + middle + 4}"
      >${name}</text
    >
    <text
      class="name"
      transform="translate(${nameWidth + middle + 4} ${headHeight - 8}) rotate(-55)"
      >${shorten24(name)}</text
    >`
}

/** Slanted names have less room. */
const shorten24 = (name: string): string => {
  const letters = Array.from(name)
  return letters.length <= 24 ? name : `${letters.slice(0, 23).join('')}…`
}
