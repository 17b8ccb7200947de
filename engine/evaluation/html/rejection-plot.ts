import { count, percent } from '../format.js'
import type { RejectionPoint, ReviewOutcome } from '../rejection.js'
import { createScale, drawAxes, type Frame, placeX, placeY } from './axes.js'
import { html, type Markup } from './markup.js'

const frame: Frame = { left: 44, top: 24, width: 330, height: 300 }

/** Plots the accuracy of the kept rows over the share given to a person. The ring is the model's own bar for a review. */
export function drawRejection(curve: readonly RejectionPoint[], review: ReviewOutcome): Markup {
  const reviewed = 1 - review.keptShare
  const shown = [
    ...curve.map(({ accuracy }) => accuracy),
    ...(review.kept > 0 ? [review.keptAccuracy.value] : []),
  ]
  const yScale = createScale(Math.max(0, Math.min(0.98, ...shown) - 0.01), 1)
  const xScale = createScale(0, reviewed > 0.5 ? 1 : 0.5)
  const x = (value: number) => placeX(frame, xScale, value)
  const y = (value: number) => placeY(frame, yScale, value)
  const path = curve.map(
    ({ rejected, accuracy }) => `${x(rejected).toFixed(1)},${y(accuracy).toFixed(1)}`,
  )
  const dots = curve.map(
    (point) =>
      html`<circle class="dot" cx="${x(point.rejected)}" cy="${y(point.accuracy)}" r="3"
        ><title>${describe(point)}</title></circle
      >`,
  )
  return html`<svg
    viewBox="0 0 404 ${frame.top + frame.height + 100}"
    role="img"
    aria-label="Rejection: accuracy of what is kept over the share rejected"
  >
    ${drawAxes(frame, [xScale, yScale], ['least confident, given to a person', 'accuracy of the rest'])}
    <polyline class="curve" points="${path.join(' ')}" />
    ${dots}${review.kept === 0 ? [] : drawReview(x(reviewed), y(review.keptAccuracy.value), review)}
  </svg>`
}

const drawReview = (
  x: number,
  y: number,
  { kept, reviewed, keptAccuracy }: ReviewOutcome,
): Markup =>
  html`<circle class="here" cx="${x}" cy="${y}" r="6"
    ><title>
      ${count(reviewed)} rows are reviewed; of ${count(kept)} kept, right
      ${percent(keptAccuracy.value)}
    </title></circle
  >`

const describe = ({ rejected, kept, accuracy }: RejectionPoint): string =>
  `${percent(rejected)} rejected; of ${count(kept)} kept, right ${percent(accuracy)}`
