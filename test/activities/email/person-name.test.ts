import assert from 'node:assert/strict'
import { findPersonName } from '../../../activities/email/person-name.js'

const signed = (signature: string) =>
  `Bom dia, preciso de uma segunda via do boleto.\n\nAtenciosamente,\n${signature}`

describe('findPersonName', () => {
  for (const name of [
    'Maria Aparecida Souza',
    'João da Silva',
    'Ana-Clara Lima',
    "Peter O'Neil",
    'Lúcia D’Ávila',
    'Érica dos Santos e Souza',
  ])
    it(`finds ${name}`, () => {
      assert.equal(findPersonName(signed(name)), name)
    })

  it('finds a name after a dash and before a comma', () => {
    assert.equal(findPersonName(signed('— Maria Souza,')), 'Maria Souza')
  })

  it('finds a name in an English mail', () => {
    assert.equal(
      findPersonName('Could you send me the invoice?\n\nBest regards,\nJohn Smith\nAcme Inc'),
      'John Smith',
    )
  })

  for (const line of [
    'Equipe de Suporte',
    'Secretaria Municipal',
    'Acme Ltda',
    'Maria',
    'MARIA SOUZA',
    'maria souza',
    'Enviado do meu iPhone',
    'Tel. 11 99999-0000',
    'https://example.com',
    'Maria <script>',
    'Olá ${name} Souza',
    'Ana Ana Ana Ana Ana Ana Ana',
    '',
  ])
    it(`takes ${JSON.stringify(line)} for no name`, () => {
      assert.equal(findPersonName(signed(line)), undefined)
    })

  it('finds none in a mail without a signature', () => {
    assert.equal(findPersonName('Maria Souza ligou ontem e pediu o boleto.'), undefined)
  })
})
