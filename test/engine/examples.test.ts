import assert from 'node:assert/strict'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { examplesFolder } from '../../engine/data-folders.js'
import { readShippedExamples } from '../../engine/default-email-model.js'
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

describe('the examples that ship', () => {
  it('should lie in one file for each language and use', async () => {
    const names = (await readdir(examplesFolder)).toSorted()
    assert.deepEqual(names, [
      'email-en.jsonl',
      'email-heldout-en.jsonl',
      'email-heldout-pt.jsonl',
      'email-pt.jsonl',
    ])
    for (const name of names) {
      const examples = parseExamples(name, await readFile(join(examplesFolder, name), 'utf8'))
      const language = name.includes('pt') ? 'pt' : 'en'
      assert.ok(examples.every((example) => example.language === language))
    }
  })

  it('should hold out the mails of the sets that were written to judge by, and no other', async () => {
    const { learned, heldOut } = await readShippedExamples(examplesFolder)
    const isHeldOut = ({ id }: { id: string }) => /^(?:held2?|h3pt|h3en)-/u.test(id)
    assert.deepEqual([learned.length, heldOut.length], [11_974, 640])
    assert.ok(heldOut.every(isHeldOut) && !learned.some(isHeldOut))
  })

  it('should have no id twice, and learn no text that it is judged by', async () => {
    const { learned, heldOut } = await readShippedExamples(examplesFolder)
    const all = [...learned, ...heldOut]
    assert.equal(new Set(all.map(({ id }) => id)).size, all.length)
    // Two writers hit upon the same single word.
    const texts = new Set(learned.map(({ text }) => text).filter((text) => text !== 'Feito.'))
    assert.deepEqual(
      heldOut.filter(({ text }) => texts.has(text)),
      [],
    )
  })
})
