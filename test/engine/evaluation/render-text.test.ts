import assert from 'node:assert/strict'
import { evaluate } from '../../../engine/evaluation/evaluate.js'
import { renderText } from '../../../engine/evaluation/render-text.js'
import { makeRows, row } from './judged-rows.js'

const many = Array.from({ length: 77 }, (_, at) => `class ${at}`)

describe('renderText', () => {
  it('should fit a terminal however many classes there are, and show all where they are wanted', () => {
    const rows = makeRows({ rows: 3000, labels: many }).map((one, at) => ({
      ...one,
      language: ['pt', 'en', 'es', 'fr', 'de', 'it', ''][at % 7]!,
    }))
    const evaluation = evaluate(rows, rows)
    const lines = renderText(evaluation, { all: false })
    assert.ok(lines.length <= 60, `${lines.length} lines`)
    assert.ok(lines.some((line) => /^… and 62 better classes: --all shows them$/u.test(line)))
    const all = renderText(evaluation, { all: true })
    assert.ok(all.length > 77 && !all.some((line) => line.startsWith('…')))
  })

  it('should say figures with their intervals, the worst class first, and name the other model', () => {
    const rows = [row('a', 'a'), row('a', 'b'), row('b', 'b'), row('b', 'b')]
    const text = renderText(evaluate(rows, rows), { all: false, otherName: 'model 7' }).join('\n')
    assert.match(text, /^accuracy {11}75\.0 % \(\d+\.\d to \d+\.\d\)$/mu)
    assert.match(text, /^Against model 7, on the same rows$/mu)
    assert.match(text, /^class +rows +precision +recall +F1\na +2 +100\.0 % +50\.0 % +66\.7 %$/mu)
    assert.match(text, /^times +truly +taken for\n +1 +a +b$/mu)
  })

  it('should let no label break a line or drive the terminal', () => {
    const rows = [row('a\n\u001B[31mred\u202E', 'b'), row('b', 'b')]
    const lines = renderText(evaluate(rows), { all: false })
    assert.ok(lines.every((line) => !/\p{Cc}|\p{Cf}/u.test(line)))
  })
})
