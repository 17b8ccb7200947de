import assert from 'node:assert/strict'
import { languages, topics } from '../../../activities/classification/labels.js'
import { replyBodies } from '../../../activities/email/reply-templates.js'

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

  it('promise nothing that nobody checked, and ask for no password', () => {
    const done =
      /foi (feito|resolvido|aprovado|pago|enviado)|has been (done|solved|approved|paid)|aprovamos|we approve/i
    for (const topic of answered)
      for (const language of languages) {
        const body = replyBodies[topic]![language]('')
        assert.ok(!done.test(body), `${topic}: ${body}`)
        assert.ok(!/https?:|www\.|@/.test(body), topic)
        if (/senha|password/i.test(body)) assert.match(body, /nunca|never/i)
      }
  })
})
