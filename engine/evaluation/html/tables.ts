import type { ComparedFigure, Comparison } from '../compare.js'
import type { Evaluation } from '../evaluate.js'
import { count, percent, percentWithin, pointsWithin, probability } from '../format.js'
import { excludesZero } from '../proportion.js'
import { html, type Markup } from './markup.js'

/** The first column holds words and is aligned left, the others hold numbers and are aligned right. */
function drawTable(titles: readonly string[], rows: readonly (readonly string[])[]): Markup {
  const head = titles.map((title, at) =>
    at === 0 ? html`<th>${title}</th>` : html`<th class="number">${title}</th>`,
  )
  const body = rows.map((row) => {
    const cells = row.map((cell, at) =>
      at === 0 ? html`<td>${cell}</td>` : html`<td class="number">${cell}</td>`,
    )
    return html`<tr>
      ${cells}
    </tr>`
  })
  return html`<div class="wide">
    <table>
      <thead>
        <tr>
          ${head}
        </tr>
      </thead>
      <tbody>
        ${body}
      </tbody>
    </table>
  </div>`
}

export const drawLanguages = ({ languages }: Evaluation): Markup =>
  drawTable(
    ['language', 'rows', 'accuracy', 'macro-F1'],
    languages.map(({ language, rows, accuracy, macroF1 }) => [
      language === '' ? '(unknown)' : language,
      count(rows),
      percentWithin(accuracy),
      percent(macroF1),
    ]),
  )

export const drawPairs = ({ confusions }: Evaluation, most: number): Markup =>
  drawTable(
    ['truly → taken for', 'times'],
    confusions
      .slice(0, most)
      .map(({ truth, predicted, count: times }) => [`${truth} → ${predicted}`, count(times)]),
  )

/** The worst and the best of them. */
const maxClasses = 20
const half = maxClasses / 2

export function drawComparison({ accuracy, macroF1, mcnemar, classes }: Comparison): Markup {
  const row = (name: string, { other, difference }: ComparedFigure) => [
    name,
    percent(other),
    percent(other + difference.value),
    pointsWithin(difference),
  ]
  const clear = classes
    .filter(({ difference }) => excludesZero(difference))
    .toSorted((left, right) => left.difference.value - right.difference.value)
  const shown =
    clear.length <= maxClasses ? clear : [...clear.slice(0, half), ...clear.slice(-half)]
  return html`<p>
      McNemar’s test: only this model is right on ${count(mcnemar.onlyThis)} rows, only the other on
      ${count(mcnemar.onlyOther)}; p ${probability(mcnemar.p)} (${mcnemar.method}). Below: the
      figures, and the F1 of ${shown.length} of the ${count(clear.length)} classes whose difference
      is beyond noise.
    </p>
    ${drawTable(
      ['', 'other', 'this one', 'difference, points'],
      [
        row('accuracy', accuracy),
        row('macro-F1', macroF1),
        ...shown.map((one) => row(one.label, one)),
      ],
    )}`
}
