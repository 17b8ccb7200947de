import { type Column, setColumns } from './columns.js'
import type { ComparedClass, ComparedFigure, Comparison } from './compare.js'
import type { ClassScore, Evaluation } from './evaluate.js'
import {
  count,
  percent,
  percentWithin,
  points,
  pointsWithin,
  probability,
  shorten,
} from './format.js'

export interface RenderTextOptions {
  /** Every class and every pair, not only the worst. */
  readonly all: boolean
  /** What the other model is called, where there is a comparison. */
  readonly otherName?: string
}

const maxClasses = 15
const maxPairs = 15

/** Gives an evaluation as lines for a terminal: at most 60, unless all is wanted. */
export function renderText(
  evaluation: Evaluation,
  { all, otherName = 'the other model' }: RenderTextOptions,
): readonly string[] {
  const { comparison } = evaluation
  return [
    ...summarise(evaluation),
    ...(comparison === null ? [] : ['', ...renderComparison(comparison, otherName)]),
    ...renderLanguages(evaluation),
    ...renderClasses(evaluation, all ? Infinity : maxClasses),
    ...renderPairs(evaluation, all ? Infinity : maxPairs),
  ]
}

function summarise({ rows, accuracy, macroF1, calibration, review, rejection }: Evaluation) {
  const steps = rejection.filter((_, at) => at % 2 === 0)
  const curve = steps.map(({ rejected, accuracy: rest }) => [
    `${(rejected * 100).toFixed(0)} %`,
    percent(rest),
  ])
  return [
    `rows               ${count(rows)}`,
    `accuracy           ${percentWithin(accuracy)}`,
    `macro-F1           ${percentWithin(macroF1)}`,
    `calibration error  ${percentWithin(calibration.error)}; Brier score ${calibration.brier.toFixed(3)}`,
    `needs no review    ${percent(review.keptShare)} of the rows; right: ${percentWithin(review.keptAccuracy)}`,
    'In parentheses: 95 % intervals.',
    '',
    ...setColumns(
      [left('least confident rejected'), ...curve.map(([title = '']) => right(title))],
      [['right of the rest', ...curve.map(([, rest = '']) => rest)]],
    ),
  ]
}

function renderComparison({ accuracy, macroF1, mcnemar, classes }: Comparison, name: string) {
  const line = ({ other, difference }: ComparedFigure) =>
    `${percent(other)}, this one ${pointsWithin(difference)} points`
  const better = classes.filter(({ difference }) => difference.low > 0)
  const worse = classes.filter(({ difference }) => difference.high < 0)
  return [
    `Against ${name}, on the same rows`,
    `  accuracy  ${line(accuracy)}`,
    `  macro-F1  ${line(macroF1)}`,
    `  McNemar   only this one right ${count(mcnemar.onlyThis)}, only the other ${count(mcnemar.onlyOther)}; p ${probability(mcnemar.p)} (${mcnemar.method})`,
    `  better    ${listClasses(better)}`,
    `  worse     ${listClasses(worse)}`,
  ]
}

const maxNamed = 5

function listClasses(classes: readonly ComparedClass[]): string {
  if (classes.length === 0) return 'no class beyond noise'
  const named = classes
    .toSorted((one, other) => Math.abs(other.difference.value) - Math.abs(one.difference.value))
    .slice(0, maxNamed)
    .map(({ label, difference }) => `${shorten(label)} ${points(difference.value)}`)
  const rest = classes.length - named.length
  return named.join(', ') + (rest > 0 ? `, and ${count(rest)} more` : '')
}

function renderLanguages({ languages }: Evaluation): readonly string[] {
  if (languages.length === 0) return []
  const shown = languages.slice(0, 5)
  const rows = shown.map(({ language, rows, accuracy, macroF1 }) => [
    language === '' ? '(unknown)' : shorten(language),
    count(rows),
    percentWithin(accuracy),
    percent(macroF1),
  ])
  return ['', ...setColumns(languageColumns, rows)]
}

const left = (title: string): Column => ({ title, align: 'left' })
const right = (title: string): Column => ({ title, align: 'right' })

const languageColumns = [left('language'), right('rows'), right('accuracy'), right('macro-F1')]
const classColumns = [left('class'), ...['rows', 'precision', 'recall', 'F1'].map(right)]
const pairColumns = [right('times'), left('truly'), left('taken for')]

function renderClasses({ classes }: Evaluation, most: number): readonly string[] {
  const rows = sortByF1(classes)
    .slice(0, most)
    .map(({ label, support, precision, recall, f1 }) => [
      shorten(label),
      count(support),
      ...[precision, recall, f1].map((share) => (support === 0 ? '–' : percent(share))),
    ])
  return [
    '',
    ...setColumns(classColumns, rows),
    ...sayRest(classes.length - rows.length, 'better classes'),
  ]
}

/** The worst first. */
export const sortByF1 = (classes: readonly ClassScore[]): readonly ClassScore[] =>
  classes.toSorted((one, other) => one.f1 - other.f1 || other.support - one.support)

function renderPairs({ confusions }: Evaluation, most: number): readonly string[] {
  if (confusions.length === 0) return []
  const rows = confusions
    .slice(0, most)
    .map((pair) => [count(pair.count), shorten(pair.truth), shorten(pair.predicted)])
  return [
    '',
    ...setColumns(pairColumns, rows),
    ...sayRest(confusions.length - rows.length, 'rarer pairs'),
  ]
}

const sayRest = (rest: number, what: string): readonly string[] =>
  rest > 0 ? [`… and ${count(rest)} ${what}: --all shows them`] : []
