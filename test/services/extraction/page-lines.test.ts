import assert from 'node:assert/strict'
import { pageLines, type TextRun } from '../../../services/extraction/page-lines.js'

const run = (text: string, y: number, endsLine = false): TextRun => ({
  text,
  y,
  endsLine,
  height: 10,
})

describe('pageLines', () => {
  it('joins the runs of a line and ends it where it ends', () => {
    assert.equal(
      pageLines([run('Olá, ', 700), run('João', 700, true), run('sim', 688)]),
      'Olá, João\nsim',
    )
  })

  it('puts an empty line between paragraphs', () => {
    assert.equal(pageLines([run('a', 700, true), run('b', 688, true), run('c', 660)]), 'a\nb\n\nc')
  })

  it('does not run paragraphs together where the line end is missing', () => {
    assert.equal(pageLines([run('a', 700), run('b', 600)]), 'a\n\nb')
  })

  it('takes the jump up to the next column for no paragraph', () => {
    assert.equal(pageLines([run('a', 100, true), run('b', 700)]), 'a\nb')
  })
})
