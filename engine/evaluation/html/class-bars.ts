import type { ClassScore } from '../evaluate.js'
import { count, percent, shorten } from '../format.js'
import { html, type Markup } from './markup.js'

const rowHeight = 20
const nameWidth = 250
const barWidth = 360

/** A bar of F1 for each class, in the order given; the number of its rows beside it. */
export function drawClassBars(classes: readonly ClassScore[]): Markup {
  const bars = classes.map((one, at) => drawBar(one, at * rowHeight + 4))
  return html`<svg
    viewBox="0 0 ${nameWidth + barWidth + 150} ${classes.length * rowHeight + 8}"
    role="img"
    aria-label="F1 of each class"
  >
    ${bars}
  </svg>`
}

function drawBar(one: ClassScore, top: number): Markup {
  const { label, support, precision, recall, f1 } = one
  const said = `${label}: precision ${percent(precision)}, recall ${percent(recall)}, F1 ${percent(f1)}, ${count(support)} rows`
  return html`<g
    ><title>${said}</title>
    <text class="name end" x="${nameWidth - 8}" y="${top + 12}">${shorten(label)}</text>
    <rect class="track" x="${nameWidth}" y="${top + 2}" width="${barWidth}" height="12" />
    <rect class="bar" x="${nameWidth}" y="${top + 2}" width="${f1 * barWidth}" height="12" />
    <text x="${nameWidth + barWidth + 8}" y="${top + 12}"
      >${support === 0 ? 'no row is truly of it' : `${percent(f1)} of ${count(support)}`}</text
    ></g
  >`
}
