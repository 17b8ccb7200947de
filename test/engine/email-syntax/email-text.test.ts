import assert from 'node:assert/strict'
import { getDecidingText, splitEmail } from '../../../engine/email-syntax/email-text.js'

const mail = (...lines: string[]): string => lines.join('\n')

describe('splitEmail', () => {
  it('should take subject, text and signature apart', () => {
    const parts = splitEmail(
      mail('Assunto: Boleto', '', 'Podem reenviar?', '', 'Atenciosamente,', 'Ana Lima'),
    )
    assert.equal(parts.subject, 'Boleto')
    assert.equal(parts.newest, 'Podem reenviar?')
    assert.equal(parts.signature, 'Atenciosamente,\nAna Lima')
    assert.equal(parts.kind, 'new')
  })

  it('should read the subject inside a block of headers', () => {
    const portuguese = splitEmail(
      mail('De: ana@example.com', 'Para: b', 'Assunto: RES: Visita', '', 'Ok'),
    )
    assert.deepEqual(
      [portuguese.subject, portuguese.kind, portuguese.newest],
      ['Visita', 'reply', 'Ok'],
    )
    const english = splitEmail(
      mail('From: ana@example.com', 'To: b', 'Subject: Fwd: Visit', '', 'FYI'),
    )
    assert.deepEqual([english.subject, english.kind, english.newest], ['Visit', 'forward', 'FYI'])
  })

  it('should not take one line with a colon for headers', () => {
    assert.equal(splitEmail('Data: 3 de maio serve?').newest, 'Data: 3 de maio serve?')
    const trip = mail('Preciso das passagens.', 'De: Recife', 'Para: Natal', 'Data: 3/5')
    assert.equal(splitEmail(trip).newest, trip)
  })

  for (const attribution of [
    'Em seg., 3 de mar. de 2025 às 10:12, Ana <ana@example.com> escreveu:',
    'On Mon, 3 Mar 2025 at 10:12, Ana <ana@example.com> wrote:',
    '-----Mensagem original-----',
    '-----Original Message-----',
  ]) {
    it(`should end the newest text at "${attribution}"`, () => {
      const parts = splitEmail(mail('Recebido.', '', attribution, 'Pode enviar o contrato?'))
      assert.equal(parts.newest, 'Recebido.')
      assert.match(parts.quoted, /contrato/u)
    })
  }

  it('should find text below the quoted lines', () => {
    const parts = splitEmail(mail('On 3 May, Bo wrote:', '> Did it come?', '', 'Yes, it did.'))
    assert.equal(parts.newest, 'Yes, it did.')
    assert.equal(parts.quoted, '> Did it come?')
  })

  it('should join an attribution that was wrapped', () => {
    const parts = splitEmail(
      mail('Ok', 'Em 3 de mar. de 2025, Ana Lima', '<a@example.com> escreveu:', 'x'),
    )
    assert.equal(parts.newest, 'Ok')
  })

  it('should keep a sentence that only begins like an attribution', () => {
    const text = mail('Em nossa reunião o chefe escreveu:', 'sem prazo. Confere?')
    assert.equal(splitEmail(text).newest, text)
  })

  for (const closing of ['Att.,', 'Com os melhores cumprimentos,', 'Um grande abraço', 'Cheers!'])
    it(`should cut off the formula "${closing}" with the name below it`, () => {
      const parts = splitEmail(mail('Podem reenviar?', '', closing, 'Ana Lima'))
      assert.deepEqual([parts.newest, parts.signature], ['Podem reenviar?', `${closing}\nAna Lima`])
    })

  for (const closing of ['Obrigada,', 'Fico no aguardo,', 'Thanks,', 'Com gratidão,'])
    it(`should keep "${closing}", which says something`, () => {
      assert.match(splitEmail(mail('Chegou.', '', closing, 'Ana')).newest, new RegExp(closing, 'u'))
    })

  it('should keep a postscript after the signature', () => {
    const parts = splitEmail(mail('Obrigado!', '', 'Abraços,', 'Rui', '', 'P.S.: e o boleto?'))
    assert.match(parts.newest, /e o boleto/u)
    assert.equal(parts.signature, 'Abraços,\nRui')
  })

  it('should end the text at the signature marker', () => {
    assert.equal(splitEmail(mail('Text', '-- ', 'Ana', 'Ltd')).signature, '-- \nAna\nLtd')
  })
})

describe('getDecidingText', () => {
  it('should give subject and newest text of a new mail', () => {
    assert.equal(getDecidingText(mail('Subject: Key', '', 'Where is it?')), 'Key\nWhere is it?')
  })

  it('should leave out the subject that a reply inherits', () => {
    assert.equal(getDecidingText(mail('Subject: Re: Invoice missing', '', 'Got it.')), 'Got it.')
  })

  it('should give what is forwarded where the forward has no text of its own', () => {
    const text = mail(
      'Assunto: Enc: Nota',
      '',
      '---------- Mensagem encaminhada ----------',
      'De: bo@example.com',
      'Assunto: Nota',
      '',
      'Falta a nota fiscal.',
    )
    assert.equal(getDecidingText(text), 'Nota\nFalta a nota fiscal.')
    assert.equal(
      getDecidingText(text.replace('\n\n---', '\n\nPara conhecimento.\n\n---')),
      'Para conhecimento.',
    )
  })

  it('should open a forward of a forward, and one whose lines are marked as quoted', () => {
    const inner = ['De: c@example.com', 'Assunto: Portão', '', 'O portão quebrou.']
    const outer = ['De: b@example.com', 'Assunto: Enc: Portão', '', ...inner]
    assert.equal(getDecidingText(mail('Fwd: Portão', '', ...outer)), 'Portão\nO portão quebrou.')
    const quoted = inner.map((line) => `> ${line}`)
    assert.equal(
      getDecidingText(mail('Begin forwarded message:', '', ...quoted)),
      'Portão\nO portão quebrou.',
    )
  })

  it('should never let quoted text decide', () => {
    assert.equal(getDecidingText(mail('> Where is my order?', '> Please answer.')), '')
    assert.equal(getDecidingText(mail('Re: Order', '', 'On 3 May, Bo wrote:', '> Where?')), '')
  })

  it('should give a closing that is all there is', () => {
    assert.equal(getDecidingText(mail('Abraços,', 'Rui')), 'Abraços,\nRui')
  })

  it('should come through hostile input', () => {
    const five = 5_000_000
    assert.equal(getDecidingText('>'.repeat(five)), '')
    assert.equal(getDecidingText('>\n'.repeat(five / 2)), '')
    assert.equal(getDecidingText('\n'.repeat(five)), '')
    assert.equal(getDecidingText('\u200B\uFEFF'), '')
    assert.equal(getDecidingText('Re: '.repeat(five / 4)).includes('\n'), false)
    assert.equal(typeof getDecidingText('Em 1\n'.repeat(five / 5)), 'string')
    assert.equal(typeof getDecidingText('De: a@b\nAssunto: x\n\n'.repeat(100_000)), 'string')
  })
})
