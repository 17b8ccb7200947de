import assert from 'node:assert/strict'
import { languages, topics } from '../../../engine/labels.js'
import { replyBodies } from '../../../services/email-classification/reply-templates.js'

const answered = topics.filter((topic) => replyBodies[topic] !== undefined)

describe('replyBodies', () => {
  it('leave out automatic mail, phishing and advertising alone', () => {
    assert.deepEqual(topics.filter((topic) => !answered.includes(topic)).sort(), [
      'advertising',
      'automatic',
      'phishing',
    ])
  })

  it('say something of their own for each topic in each language', () => {
    const bodies = answered.flatMap((topic) =>
      languages.map((language) => replyBodies[topic]?.[language]('')),
    )
    assert.equal(new Set(bodies).size, answered.length * languages.length)
    for (const body of bodies) assert.match(body ?? '', /^\p{Ll}.{30,}\.$/u)
  })

  it('read well with a subject and without one', () => {
    for (const topic of answered)
      for (const language of languages) {
        const body = replyBodies[topic]![language]
        assert.ok(!body('').includes('  '), topic)
        assert.ok(!/ [.,]/.test(body('')), topic)
        const about = body(' sobre “X”')
        if (topic !== 'greeting') assert.ok(about.includes('“X”'), topic)
      }
  })

  const eachBody = (check: (body: string, topic: string) => void) => {
    for (const topic of answered)
      for (const language of languages) check(replyBodies[topic]![language](''), topic)
  }

  it('promise nothing that nobody checked', () => {
    const done =
      /(?:foi|foram|está|estão|será|serão) (?:feit|resolvid|aprovad|pag|enviad|liberad|reembolsad|entregue)|(?:has|have|is|will) been? ?(?:done|solved|approved|paid|refunded|sent|granted)|aprovamos|resolveremos|we approve|we will (?:solve|fix|send|refund|approve|pay)/i
    const soon =
      /\d|\b(?:horas?|dias?|hoje|amanhã|hours?|days?|today|tomorrow|shortly|soon|immediately)\b/i
    eachBody((body, topic) => {
      assert.ok(!done.test(body), `${topic}: ${body}`)
      assert.ok(!soon.test(body), `${topic}: ${body}`)
    })
  })

  it('have no address in them, and ask for no password', () => {
    eachBody((body, topic) => {
      assert.ok(!/https?:|www\.|@/.test(body), topic)
      if (/senha|password/i.test(body)) assert.match(body, /nunca|never/i)
    })
  })

  it('say after an order or an appointment that nothing is settled yet', () => {
    for (const topic of ['order', 'scheduling'] as const) {
      assert.match(replyBodies[topic]!.pt(''), /até lá, nada fica confirmado|só fica marcado/)
      assert.match(replyBodies[topic]!.en(''), /until then nothing is confirmed|only once/)
    }
  })

  it('have no word that is odd in Brazil or in Portugal', () => {
    const odd =
      /\b(?:equip[ae]|tela|ecrã|usuário|utilizador|boleto|comprovante|comprovativo|conta(?:c)?to|cadastro|registo|registro|arquivo|ficheiro|celular|telemóvel|você|vocês|agilizar?|palavra-passe)\b/iu
    for (const topic of answered) assert.doesNotMatch(replyBodies[topic]!.pt(''), odd, topic)
  })

  it('are short', () => {
    eachBody((body, topic) => {
      assert.ok(body.split(' ').length <= 60, topic)
    })
  })
})
