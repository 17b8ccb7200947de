import assert from 'node:assert/strict'
import { checkSamples } from '../../../engine/samples/check-samples.js'
import type { LabelledSample } from '../../../engine/samples.js'

const rows = (label: string, texts: readonly string[]): readonly LabelledSample[] =>
  texts.map((text) => ({ text, label }))

const some = (word: string) =>
  ['one', 'two', 'three', 'four', 'five'].map((one) => `${one} ${word}`)
const good = [...rows('a', some('apple')), ...rows('b', some('bear'))]

const problemsOf = (samples: readonly LabelledSample[]) => checkSamples('texts', samples).problems
const warningsOf = (samples: readonly LabelledSample[]) => checkSamples('texts', samples).warnings

describe('checkSamples', () => {
  it('should find nothing wrong with good rows', () => {
    assert.deepEqual(checkSamples('texts', good), { problems: [], warnings: [] })
  })

  it('should refuse no row, one row and one class', () => {
    assert.deepEqual(problemsOf([]), ['There is no row: give some texts of each class.'])
    assert.deepEqual(problemsOf(good.slice(0, 1)), [
      'There is only one row: give some texts of each class.',
    ])
    assert.deepEqual(problemsOf(good.slice(0, 5)), [
      'Every row has the label “a”: add texts of what it is to be told apart from.',
    ])
  })

  it('should refuse rows that are all alike', () => {
    const alike = [...rows('a', ['Same text', 'same  TEXT']), ...rows('b', ['same text'])]
    assert.deepEqual(problemsOf(alike), [
      'All rows are alike: there is nothing to tell the labels apart by.',
    ])
  })

  it('should refuse labels that differ only by case or accent, and name them', () => {
    const alike = [...rows('Saúde', some('apple')), ...rows('saude', some('bear')), ...good]
    assert.deepEqual(problemsOf(alike), [
      'The labels “Saúde” and “saude” differ only by case or accent: write them alike, or rename one.',
    ])
  })

  it('should refuse an empty class: without a name, without a letter, of emoji alone', () => {
    assert.match(problemsOf([...good, ...rows(' ', some('x'))])[0]!, /a class without a name/u)
    for (const texts of [
      ['!!!', '...'],
      ['👍', '🎉🎉'],
    ])
      assert.deepEqual(problemsOf([...good, ...rows('c', texts)]), [
        'The class “c” is empty: none of its texts has a letter or a digit.',
      ])
    assert.equal(problemsOf([...rows('a', ['!']), ...rows('b', ['?'])]).length, 2)
  })

  it('should let a few texts without letters pass, and say so', () => {
    assert.deepEqual(warningsOf([...good, ...rows('a', ['👍', '?!'])]), [
      'Without a letter or digit: 2 rows. Little can be learned from them.',
    ])
  })

  it('should count contradictory labels and repeated rows', () => {
    const contradictory = [...good, ...rows('b', ['ONE apple']), ...rows('a', ['two  apple'])]
    assert.deepEqual(warningsOf(contradictory), [
      'Contradictory labels: 2 rows with the text of a row of another label, such as “one apple” with “a” and “b”.',
      'Repeated rows: 1 row with the text and label of another; figures may look better than they are.',
    ])
  })

  it('should take two amounts for two rows', () => {
    const paid = [10, 20].map((amount) => ({ text: 'one apple', label: 'a', amount }))
    assert.deepEqual(warningsOf([...good, ...paid]), [])
  })

  it('should warn of classes too small to learn or measure', () => {
    assert.match(
      warningsOf([...good, ...rows('c', ['rare'])])[0]!,
      /^Fewer than 5 rows: “c” \(1\)/u,
    )
  })

  it('should refuse for mail a label, a topic and a language that it has not', () => {
    const mail = good.map((sample, at) => ({
      ...sample,
      label: at % 2 === 0 ? 'Produtivo' : 'Improdutivo',
      language: 'pt',
    }))
    assert.deepEqual(checkSamples('email', mail).problems, [])
    const [first, ...rest] = mail
    const withFirst = (change: Partial<LabelledSample>) =>
      checkSamples('email', [{ ...first!, ...change }, ...rest]).problems
    assert.match(
      withFirst({ label: 'Spam' })[0]!,
      /^Mail is Produtivo or Improdutivo, not “Spam”: relabel 1 row/u,
    )
    assert.match(withFirst({ topic: 'war' })[0]!, /^No kind of mail is called “war”/u)
    assert.match(
      withFirst({ language: 'fr' })[0]!,
      /^Mail is learned in pt and en, not in “fr”: take 1 row out/u,
    )
  })
})
