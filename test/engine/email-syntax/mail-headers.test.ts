import assert from 'node:assert/strict'
import {
  decodeWords,
  readMailbox,
  readOwnHeaders,
} from '../../../engine/email-syntax/mail-headers.js'

describe('readOwnHeaders', () => {
  it('joins folded lines and calls Portuguese names by the English ones', () => {
    assert.deepEqual(
      readOwnHeaders('De: Ana <a@b.example>\nAssunto: Um\n  dois\n\nPara: ninguém'),
      [
        { name: 'from', value: 'Ana <a@b.example>' },
        { name: 'subject', value: 'Um dois' },
      ],
    )
  })

  it('ends where a second mail begins', () => {
    assert.equal(readOwnHeaders('From: a@b.example\nTo: c\nFrom: noreply@b.example').length, 2)
  })

  it('finds none in a text that begins with words', () => {
    assert.deepEqual(readOwnHeaders('Olá\nFrom: a@b.example'), [])
    assert.deepEqual(readOwnHeaders('Obs: urgente\nFrom: a@b.example'), [])
    assert.deepEqual(readOwnHeaders(''), [])
  })
})

describe('readMailbox', () => {
  for (const [written, name, address] of [
    ['"Ana Lima" <ana@example.org>', 'Ana Lima', 'ana@example.org'],
    ['Ana Lima [mailto:ana@example.org]', 'Ana Lima', 'ana@example.org'],
    ['ana@example.org (Ana Lima)', 'Ana Lima', 'ana@example.org'],
    ['ana@example.org', '', 'ana@example.org'],
    ['Ana Lima', 'Ana Lima', ''],
    ['=?utf-8?B?Sm/Do28=?= =?utf-8?Q?_Lima?= <j@example.org>', 'João Lima', 'j@example.org'],
    ['ana@example.org escreveu ontem', '', ''],
    ['', '', ''],
  ] as const)
    it(`reads ${JSON.stringify(written)}`, () => {
      assert.deepEqual(readMailbox(written), { name, address })
    })
})

describe('decodeWords', () => {
  it('decodes by the charset that the word names', () => {
    assert.equal(decodeWords('=?ISO-8859-1?Q?Situa=E7=E3o?= 42'), 'Situação 42')
  })

  it('leaves alone what it can not decode', () => {
    for (const word of ['=?martian?Q?abc?=', '=?utf-8?Q?=FF?=', '=?utf-8?Q?abc', 'a =? b'])
      assert.equal(decodeWords(word), word)
  })
})
