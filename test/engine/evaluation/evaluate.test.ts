import assert from 'node:assert/strict'
import { evaluate } from '../../../engine/evaluation/evaluate.js'
import { makeRows, row } from './judged-rows.js'

describe('evaluate', () => {
  it('should count what one counts by hand', () => {
    const evaluation = evaluate([
      row('spam', 'spam', { language: 'en' }),
      row('spam', 'spam', { language: 'en' }),
      row('spam', 'ham', { language: 'pt' }),
      row('ham', 'ham', { language: 'pt' }),
      row('ham', 'other', { language: 'pt' }),
    ])
    assert.equal(evaluation.accuracy.value, 3 / 5)
    assert.deepEqual(
      evaluation.classes.map(({ label, support, found, hits }) => [label, support, found, hits]),
      [
        ['ham', 2, 2, 1],
        ['other', 0, 1, 0],
        ['spam', 3, 2, 2],
      ],
    )
    const spam = evaluation.classes[2]!
    assert.deepEqual([spam.precision, spam.recall, spam.f1], [1, 2 / 3, 0.8])
    assert.ok(Math.abs(evaluation.macroF1.value - (0.8 + 0.5) / 2) < 1e-12)
    assert.deepEqual(
      evaluation.languages.map(({ language, rows, accuracy }) => [language, rows, accuracy.value]),
      [
        ['pt', 3, 1 / 3],
        ['en', 2, 1],
      ],
    )
    assert.deepEqual(evaluation.confusions, [
      { truth: 'ham', predicted: 'other', count: 1 },
      { truth: 'spam', predicted: 'ham', count: 1 },
    ])
    assert.equal(evaluation.comparison, null)
  })

  it('should be plain JSON, and the same twice', () => {
    const rows = makeRows({ rows: 300, labels: ['a', 'b', 'c'] })
    const evaluation = evaluate(rows, rows)
    assert.deepEqual(JSON.parse(JSON.stringify(evaluation)), evaluation)
    assert.deepEqual(evaluate(rows, rows), evaluation)
    assert.equal(evaluation.version, 1)
  })

  it('should not take a label for what every object has', () => {
    const { classes } = evaluate([row('constructor', '__proto__'), row('toString', 'toString')])
    assert.deepEqual(
      classes.map(({ label, hits }) => [label, hits]),
      [
        ['__proto__', 0],
        ['constructor', 0],
        ['toString', 1],
      ],
    )
  })

  it('should survive no rows', () => {
    const { rows, accuracy, classes } = evaluate([])
    assert.deepEqual([rows, accuracy.value, classes], [0, 0, []])
  })

  it('should measure 31,000 rows of seven classes in seconds', function () {
    this.timeout(60_000)
    const labels = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
    const rows = makeRows({ rows: 31_000, labels })
    const before = process.cpuUsage()
    evaluate(rows)
    const seconds = process.cpuUsage(before).user / 1e6
    assert.ok(seconds < 6, `${seconds} s`)
  })
})
