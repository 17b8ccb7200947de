import assert from 'node:assert/strict'
import { readOwnHeaders } from '../../../engine/email-syntax/mail-headers.js'

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
