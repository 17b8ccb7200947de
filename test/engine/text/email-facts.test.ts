import assert from 'node:assert/strict'
import { describeEmail } from '../../../engine/text/email-facts.js'

const bounce =
  'From: mailer-daemon@example.org\nAuto-Submitted: auto-replied\nSubject: Failure\n\nNo user'
const forward = (own: string) =>
  `Subject: Fwd: Failure\n\n${own}\n\n---------- Forwarded message ---------\n${bounce}`

describe('describeEmail', () => {
  it('says that a program sent a mail, by its own headers', () => {
    const facts = describeEmail(bounce)
    assert.ok(facts.includes('sent by a program') && facts.includes('answered by nobody'))
  })

  it('judges a forward without a word of its own by what it forwards', () => {
    assert.ok(describeEmail(forward('')).includes('sent by a program'))
    assert.ok(!describeEmail(forward('Why did it come back?')).includes('sent by a program'))
  })
})
