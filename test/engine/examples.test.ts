import assert from 'node:assert/strict'
import { parseExamples } from '../../engine/examples.js'

const good = { id: 'a', language: 'pt', category: 'Produtivo', topic: 'billing', text: 'Boleto?' }
const line = (changes: object = {}): string => JSON.stringify({ ...good, ...changes })

describe('parseExamples', () => {
  it('should read one example a line', () => {
    const read = parseExamples('x.jsonl', `${line()}\n\n${line({ id: 'b', hard: true })}\n`)
    assert.deepEqual(read, [
      { ...good, hard: false },
      { ...good, id: 'b', hard: true },
    ])
  })

  for (const [what, bad] of [
    ['no JSON', '{'],
    ['an unknown topic', line({ id: 'b', topic: 'gossip' })],
    ['a topic of the other category', line({ id: 'b', topic: 'thanks' })],
    ['an unknown language', line({ id: 'b', language: 'de' })],
    ['an empty text', line({ id: 'b', text: '' })],
    ['an id that was there', line()],
  ] as const) {
    it(`should name file and line of ${what}`, () => {
      assert.throws(() => parseExamples('x.jsonl', `${line()}\n${bad}`), /^Error: x\.jsonl:2: /u)
    })
  }
})
