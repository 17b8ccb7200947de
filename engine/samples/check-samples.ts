import { groupBy } from '../evaluation/group-by.js'
import { checkMail } from './check-mail.js'
import { quote, sayRows } from './say-rows.js'
import type { LabelledSample } from '../samples.js'
import type { Task } from '../tasks.js'

export interface SampleCheck {
  /** Sentences that say what to do: no model can be learned before. */
  readonly problems: readonly string[]
  /** Sentences about what makes a model worse than it could be, or its figures better than they are. */
  readonly warnings: readonly string[]
}

const minOfClass = 5

/** Checks whether a model can be learned from the samples, before the long work. Pure, linear in their number. */
export function checkSamples(task: Task, samples: readonly LabelledSample[]): SampleCheck {
  const byLabel = groupBy(samples, ({ label }) => label)
  const byText = groupBy(samples, keyOfSample)
  return {
    problems: [
      ...findTooLittle(samples, byLabel, byText),
      ...findLookAlikes([...byLabel.keys()]),
      ...findEmptyClasses(byLabel),
      ...(task === 'email' ? checkMail(samples) : []),
    ],
    warnings: [
      ...findRareClasses(byLabel),
      ...findContradictions(byText),
      ...findWordless(samples),
    ],
  }
}

type Groups = ReadonlyMap<string, readonly LabelledSample[]>

/** What a model sees of a sample. Texts that differ only in case and blanks count as the same. */
const keyOfSample = ({ text, amount, date }: LabelledSample): string =>
  JSON.stringify([text.toLowerCase().replace(/\s+/gu, ' ').trim(), amount, date])

function findTooLittle(
  samples: readonly LabelledSample[],
  byLabel: Groups,
  byText: Groups,
): readonly string[] {
  const [onlyLabel = ''] = byLabel.keys()
  if (samples.length === 0) return ['There is no row: give some texts of each class.']
  if (samples.length === 1) return ['There is only one row: give some texts of each class.']
  if (byLabel.size === 1)
    return [
      `Every row has the label ${quote(onlyLabel)}: add texts of what it is to be told apart from.`,
    ]
  if (byText.size === 1)
    return ['All rows are alike: there is nothing to tell the labels apart by.']
  return []
}

/** Whoever typed `Saúde` and `saude` meant one class. */
function findLookAlikes(labels: readonly string[]): readonly string[] {
  const alike = [...groupBy(labels, foldLabel).values()].filter(({ length }) => length > 1)
  return alike.map(
    (same) =>
      `The labels ${same.map(quote).join(' and ')} differ only by case or accent: write them alike, or rename one.`,
  )
}

const foldLabel = (label: string): string =>
  label
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/\s+/gu, ' ')
    .trim()

const hasWord = ({ text }: LabelledSample): boolean => /[\p{L}\p{N}]/u.test(text)

function findEmptyClasses(byLabel: Groups): readonly string[] {
  const empty = [...byLabel].filter(([label, own]) => label.trim() === '' || !own.some(hasWord))
  return empty.map(([label]) =>
    label.trim() === ''
      ? 'There is a class without a name: label each row, or take it out.'
      : `The class ${quote(label)} is empty: none of its texts has a letter or a digit.`,
  )
}

function findRareClasses(byLabel: Groups): readonly string[] {
  const rare = [...byLabel].filter(([, own]) => own.length < minOfClass)
  if (rare.length === 0) return []
  const named = rare
    .slice(0, 5)
    .map(([label, own]) => `${quote(label)} (${own.length})`)
    .join(', ')
  const rest = rare.length > 5 ? ` and ${rare.length - 5} more` : ''
  return [
    `Fewer than ${minOfClass} rows: ${named}${rest}. Little can be learned or measured of these classes.`,
  ]
}

/** Equal texts with different labels can't all be right. With equal labels, the same text is learned and tested. */
function findContradictions(byText: Groups): readonly string[] {
  const repeated = [...byText.values()].filter(({ length }) => length > 1)
  const isContradictory = (own: readonly LabelledSample[]) =>
    own.some(({ label }) => label !== own[0]?.label)
  const contradictory = repeated.filter(isContradictory)
  const alike = repeated.filter((own) => !isContradictory(own))
  const [first, second] = contradictory[0] ?? []
  const other = contradictory[0]?.find(({ label }) => label !== first?.label) ?? second
  const rowsOf = (groups: readonly (readonly LabelledSample[])[]) =>
    groups.reduce((sum, own) => sum + own.length, 0)
  return [
    ...(first !== undefined && other !== undefined
      ? [
          `Contradictory labels: ${sayRows(rowsOf(contradictory))} with the text of a row of another label, such as ${quote(first.text)} with ${quote(first.label)} and ${quote(other.label)}.`,
        ]
      : []),
    ...(alike.length > 0
      ? [
          `Repeated rows: ${sayRows(rowsOf(alike) - alike.length)} with the text and label of another; figures may look better than they are.`,
        ]
      : []),
  ]
}

function findWordless(samples: readonly LabelledSample[]): readonly string[] {
  const wordless = samples.filter((sample) => !hasWord(sample)).length
  if (wordless === 0 || wordless === samples.length) return []
  return [`Without a letter or digit: ${sayRows(wordless)}. Little can be learned from them.`]
}
