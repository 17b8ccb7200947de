import assert from 'node:assert/strict'
import { describeText } from '../../../services/email-classification/describe-text.js'

describe('describeText', () => {
  for (const [text, subject] of [
    ['Assunto: RES: Pedido 42\n\nOlá', 'Pedido 42'],
    ['ENC: Pedido 42\n\nOlá', 'Pedido 42'],
    ['Olá, tudo bem?', ''],
    [
      'Received: from a\nMessage-ID: <1@b>\nSubject: =?UTF-8?Q?Situa=C3=A7=C3=A3o?=\n =?UTF-8?Q?_do_pedido?=\n\nOlá',
      'Situação do pedido',
    ],
  ] as const)
    it(`finds the subject ${JSON.stringify(subject)}`, () => {
      assert.equal(describeText(text).subject, subject)
    })

  it('shows the first 100 characters of the trimmed text and counts them all', () => {
    const { processed_text, original_length } = describeText(` ${'a'.repeat(150)}\n`)
    assert.equal(processed_text, 'a'.repeat(100))
    assert.equal(original_length, 150)
  })
})
