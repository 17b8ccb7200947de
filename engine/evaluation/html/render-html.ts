import { createHash } from 'node:crypto'
import type { Estimate } from '../bootstrap.js'
import type { Evaluation } from '../evaluate.js'
import { count, percent } from '../format.js'
import { sortByF1 } from '../render-text.js'
import { drawClassBars } from './class-bars.js'
import { drawConfusionMap, maxMappedClasses } from './confusion-map.js'
import { html, type Markup } from './markup.js'
import { drawRejection } from './rejection-plot.js'
import { drawReliability } from './reliability-plot.js'
import { style } from './style.js'
import { drawComparison, drawLanguages, drawPairs } from './tables.js'

export interface PageSection {
  /** Which rows these are. */
  readonly title: string
  /** What the other model of the comparison is called. */
  readonly against: string | null
  readonly evaluation: Evaluation
}

export interface RenderHtmlInput {
  readonly title: string
  readonly sections: readonly PageSection[]
}

/**
 * Gives one self-contained page: plots drawn here as SVG, nothing loaded, no script; its own Content-Security-Policy allows the one
 * style sheet by its hash and nothing else.
 */
export function renderHtml({ title, sections }: RenderHtmlInput): string {
  const hash = createHash('sha256').update(style).digest('base64')
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`
  const head = html`<meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${policy}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${title}</title>`
  const body = html`<main>
    <h1>${title}</h1>
    ${sections.map(renderSection)}
  </main>`
  return `<!doctype html>
<html lang="en">
<head>
${head.markup}
<style>${style}</style>
</head>
<body>
${body.markup}
</body>
</html>
`
}

function renderSection({ title, against, evaluation }: PageSection): Markup {
  const { calibration, rejection, review, comparison, languages } = evaluation
  const parts: readonly (Markup | undefined)[] = [
    html`<h2>${title}</h2>`,
    renderFigures(evaluation),
    comparison === null
      ? undefined
      : titled(`Against ${against ?? 'the other model'}`, drawComparison(comparison)),
    languages.length === 0 ? undefined : titled('Languages', drawLanguages(evaluation)),
    html`<div class="pair">
      ${captioned('Is its confidence honest?', 'On the dashed line as many are right as the confidence says; the red stems are the error.', drawReliability(calibration.bins))}
      ${captioned('What if a person takes the doubtful ones?', 'The ring is where the model itself asks for a review.', drawRejection(rejection, review))}
    </div>`,
    captioned(
      'Classes by F1, the worst first',
      'F1 is the harmonic mean of precision and recall; beside it the number of rows.',
      html`<div class="wide">${drawClassBars(sortByF1(evaluation.classes))}</div>`,
    ),
    renderConfusions(evaluation),
  ]
  return html`${parts.filter((part) => part !== undefined)}`
}

function renderFigures({ rows, accuracy, macroF1, calibration, review }: Evaluation): Markup {
  const figure = (name: string, { value, low, high }: Estimate) =>
    html`<div>
      <dt>${name}</dt>
      <dd>${percent(value)}<small>${percent(low)} to ${percent(high)}</small></dd>
    </div>`
  return html`<dl>
      <div>
        <dt>rows</dt>
        <dd>${count(rows)}</dd>
      </div>
      ${figure('accuracy', accuracy)} ${figure('macro-F1', macroF1)}
      ${figure('calibration error', calibration.error)}
      <div>
        <dt>needs no review</dt>
        <dd>
          ${percent(review.keptShare)}<small
            >${percent(review.keptAccuracy.value)} of those right</small
          >
        </dd>
      </div>
    </dl>
    <p>Small print under a figure: its 95 % interval.</p>`
}

function renderConfusions(evaluation: Evaluation): Markup {
  const { classes, confusions } = evaluation
  if (confusions.length === 0) return titled('Confusions', html`<p>None.</p>`)
  if (classes.length <= maxMappedClasses)
    return captioned(
      'What is taken for what',
      'Rows: what it truly is. Columns: what the model said. Blue is right, red is wrong.',
      html`<div class="wide">${drawConfusionMap(evaluation)}</div>`,
    )
  return captioned(
    'What is taken for what',
    `The ${Math.min(30, confusions.length)} most frequent of ${count(confusions.length)} pairs.`,
    drawPairs(evaluation, 30),
  )
}

const titled = (title: string, content: Markup): Markup =>
  html`<section>
    <h3>${title}</h3>
    ${content}
  </section>`

const captioned = (title: string, caption: string, content: Markup): Markup =>
  titled(
    title,
    html`<p>${caption}</p>
      ${content}`,
  )
