import type { ReliabilityBin } from '../calibration.js'
import { count, percent } from '../format.js'
import { createScale, drawAxes, type Frame, placeX, placeY, type Scale } from './axes.js'
import { html, type Markup } from './markup.js'

const frame: Frame = { left: 44, top: 24, width: 330, height: 300 }

/** Plots accuracy over confidence, a dot for each bin. On the dashed line the confidence is honest. */
export function drawReliability(bins: readonly ReliabilityBin[]): Markup {
  const lowest = Math.min(1, ...bins.flatMap(({ confidence, accuracy }) => [confidence, accuracy]))
  const scale = createScale(Math.max(0, lowest - 0.02), 1)
  const most = Math.max(1, ...bins.map(({ rows }) => rows))
  const x = (value: number) => placeX(frame, scale, value)
  const y = (value: number) => placeY(frame, scale, value)
  const dots = bins.map((bin) => {
    const [left, top] = [x(bin.confidence), y(bin.accuracy)]
    return html`<line class="gap" x1="${left}" x2="${left}" y1="${y(bin.confidence)}" y2="${top}" />
      <circle class="dot" cx="${left}" cy="${top}" r="${1.5 + 3.5 * Math.sqrt(bin.rows / most)}"
        ><title>${describe(bin)}</title></circle
      >`
  })
  return html`<svg
    viewBox="0 0 404 ${frame.top + frame.height + 100}"
    role="img"
    aria-label="Reliability: accuracy over confidence"
  >
    ${drawAxes(frame, [scale, scale], ['confidence', 'accuracy'])}
    <line class="ideal" x1="${x(scale.from)}" y1="${y(scale.from)}" x2="${x(1)}" y2="${y(1)}" />
    ${dots}${drawSizes(bins, scale)}
  </svg>`
}

/** Shows how wide the bins are. They hold equally many rows, so they are narrow where most confidences are. */
function drawSizes(bins: readonly ReliabilityBin[], scale: Scale): Markup {
  const top = frame.top + frame.height + 52
  const middles = bins.map(({ confidence }) => placeX(frame, scale, confidence))
  const bars = bins.map((bin, at) => {
    const here = middles[at] ?? 0
    const before = at === 0 ? frame.left : ((middles[at - 1] ?? here) + here) / 2
    const after =
      at === bins.length - 1 ? frame.left + frame.width : ((middles[at + 1] ?? here) + here) / 2
    const width = Math.max(0.75, after - before - 1)
    return html`<rect
      class="${at % 2 === 0 ? 'bar' : 'track'}"
      x="${before}"
      y="${top}"
      width="${width}"
      height="14"
      ><title>${describe(bin)}</title></rect
    >`
  })
  const sizes = bins.map(({ rows }) => rows)
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)]
  const each = least === most ? count(most) : `${count(least)} to ${count(most)}`
  const said =
    bins.length === 0
      ? 'no rows'
      : `${bins.length} bins of ${each} rows each, and how far each reaches`
  return html`${bars}<text x="${frame.left}" y="${top + 32}">${said}</text>`
}

const describe = ({ rows, confidence, accuracy }: ReliabilityBin): string =>
  `${count(rows)} rows: confidence ${percent(confidence)}, right ${percent(accuracy)}`
