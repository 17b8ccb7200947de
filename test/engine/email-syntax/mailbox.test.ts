import assert from 'node:assert/strict'
import { decodeWords, readMailbox } from '../../../engine/email-syntax/mailbox.js'

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

  it('joins a letter that was cut between two words', () => {
    assert.equal(decodeWords('=?UTF-8?Q?Situa=C3?=\t=?UTF-8?Q?=A7=C3=A3o?='), 'Situação')
  })

  it('leaves alone what is no encoded word', () => {
    for (const word of ['=?utf-8?Q?abc', 'a =? b']) assert.equal(decodeWords(word), word)
  })

  it('shows a byte that the charset lacks as U+FFFD, and reads a charset unknown to it as ASCII', () => {
    assert.equal(decodeWords('=?utf-8?Q?=FF?='), '\uFFFD')
    assert.equal(decodeWords('=?martian?Q?abc?='), 'abc')
  })
})
