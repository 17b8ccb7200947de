import assert from 'node:assert/strict'
import { draftReply } from '../../../services/email-classification/draft-reply.js'

const facts = {
  topic: 'question',
  language: 'pt',
  subject: 'Horário',
  personName: 'Ana Lima',
} as const

describe('draftReply', () => {
  it('greets by name, quotes the subject and closes', () => {
    const [greeting, body, closing] = draftReply(facts).split('\n\n')
    assert.equal(greeting, 'Olá, Ana Lima,')
    assert.match(body ?? '', /^Recebemos a sua pergunta sobre “Horário”\./)
    assert.equal(closing, 'Atenciosamente,')
  })

  it('answers in English where the mail is in English', () => {
    const draft = draftReply({ ...facts, language: 'en' })
    assert.match(draft, /^Dear Ana Lima,\n\nWe have received your question about “Horário”\./)
    assert.match(draft, /Kind regards,$/)
  })

  it('does without name and subject', () => {
    const draft = draftReply({ ...facts, subject: '', personName: undefined })
    assert.match(draft, /^Olá,\n\nRecebemos a sua pergunta\. /)
    assert.ok(!draft.includes('“'))
    assert.match(draftReply({ ...facts, language: 'en', personName: undefined }), /^Hello,/)
  })

  it('quotes no subject that says nothing', () => {
    for (const subject of ['(sem assunto)', 'Sem assunto', '(no subject)', '...', ' - ', '🙂'])
      assert.equal(
        draftReply({ ...facts, subject }),
        draftReply({ ...facts, subject: '' }),
        subject,
      )
    assert.match(
      draftReply({ ...facts, subject: 'Sem assunto definido' }),
      /“Sem assunto definido”/,
    )
  })

  it('answers thanks and greetings with a courteous word that asks for nothing', () => {
    for (const topic of ['thanks', 'greeting', 'informative'] as const)
      for (const language of ['pt', 'en'] as const) {
        const draft = draftReply({ ...facts, topic, language, personName: undefined })
        assert.match(draft, /agradecemos|thank you/i)
        assert.doesNotMatch(draft, /verificar|responderemos|por favor|check|reply/i)
      }
  })

  it('answers nothing to what must not be answered', () => {
    for (const topic of ['advertising', 'phishing', 'automatic'] as const)
      assert.equal(draftReply({ ...facts, topic }), '')
  })

  it('keeps a hostile subject on one line and short', () => {
    const draft = draftReply({
      ...facts,
      subject: `a\r\nBcc: x@example.com\u0000\u202e${'b'.repeat(500)}`,
    })
    const quoted = /“(.*)”/.exec(draft)?.[1]
    assert.ok(quoted !== undefined)
    assert.equal(quoted.length, 120)
    assert.match(quoted, /^a Bcc: x@example\.com b+…$/)
  })

  it('does not cut a character in two', () => {
    assert.ok(draftReply({ ...facts, subject: 'x'.repeat(118) + '😀'.repeat(10) }).isWellFormed())
  })

  it('has no trace of a template placeholder', () => {
    assert.ok(!/[{}<>[\]]|undefined|null/.test(draftReply({ ...facts, personName: undefined })))
  })
})
