import { html, type Markup } from './markup.js'

/** Where the inside of a plot lies, in the units of the picture. */
export interface Frame {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

export interface Scale {
  readonly from: number
  readonly to: number
  readonly ticks: readonly number[]
}

/** Gives round steps over a range. */
export function createScale(from: number, to: number, steps = 5): Scale {
  const wanted = (to - from) / steps
  const step = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2].find((one) => one >= wanted - 1e-9) ?? 0.25
  const first = Math.floor(from / step + 1e-9)
  const last = Math.ceil(to / step - 1e-9)
  const ticks = Array.from({ length: last - first + 1 }, (_, at) => (first + at) * step)
  return { from: first * step, to: last * step, ticks }
}

export const placeX = ({ left, width }: Frame, { from, to }: Scale, value: number): number =>
  left + ((value - from) / (to - from)) * width

export const placeY = ({ top, height }: Frame, { from, to }: Scale, value: number): number =>
  top + height - ((value - from) / (to - from)) * height

/** Draws the grid lines, the percentages at both axes, and the names of the axes. */
export function drawAxes(
  frame: Frame,
  [x, y]: readonly [Scale, Scale],
  [xTitle, yTitle]: readonly [string, string],
): Markup {
  const bottom = frame.top + frame.height
  const across = y.ticks.map((tick) => {
    const at = placeY(frame, y, tick)
    return html`<line
        class="rule"
        x1="${frame.left}"
        x2="${frame.left + frame.width}"
        y1="${at}"
        y2="${at}"
      /><text class="end" x="${frame.left - 6}" y="${at + 4}">${sayPercent(tick)}</text>`
  })
  const along = x.ticks.map(
    (tick) =>
      html`<text class="middle" x="${placeX(frame, x, tick)}" y="${bottom + 16}"
        >${sayPercent(tick)}</text
      >`,
  )
  return html`${across}${along}
    <text class="middle" x="${frame.left + frame.width / 2}" y="${bottom + 34}">${xTitle}</text>
    <text x="${frame.left}" y="${frame.top - 10}">${yTitle}</text>`
}

const sayPercent = (share: number): string => `${Number((share * 100).toFixed(1))} %`
