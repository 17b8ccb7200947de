import assert from 'node:assert/strict'
import { parseAccountEvent } from '../../db/account-events.js'

describe('parseAccountEvent', () => {
  const counted = { account: 1, epoch: 5, seq: 2, unread: 1 }
  const message = { id: 3, sender_id: 2, sender_username: 'Ana', timestamp: '2026-01-01T00:00:00Z' }

  it('reads each kind of event', () => {
    for (const event of [
      { kind: 'ended', account: 1 },
      { kind: 'count', ...counted },
      { kind: 'message', ...counted, message },
      { kind: 'message', ...counted, message: { ...message, title: 'AAAA' } },
      { kind: 'message', ...counted, message: { ...message, title: 'AAAA', seal_id: 'a uuid' } },
    ])
      assert.deepEqual(parseAccountEvent(JSON.stringify(event)), event)
  })

  for (const [what, event] of [
    ['another kind', { kind: 'other', account: 1 }],
    ['no account', { kind: 'ended' }],
    ['an account that is no number', { kind: 'ended', account: '1' }],
    ['a count without its number', { kind: 'count', ...counted, unread: undefined }],
    ['a message that is none', { kind: 'message', ...counted, message: null }],
    [
      'a message without its id',
      { kind: 'message', ...counted, message: { ...message, id: null } },
    ],
    ['a title that is no text', { kind: 'message', ...counted, message: { ...message, title: 1 } }],
    [
      'a seal id that is no text',
      { kind: 'message', ...counted, message: { ...message, title: 'AAAA', seal_id: null } },
    ],
    ['no object', [1]],
    ['nothing', null],
  ] as const)
    it(`knows nothing of ${what}`, () => {
      assert.equal(parseAccountEvent(JSON.stringify(event)), undefined)
    })

  it('knows nothing of what is no JSON', () => {
    for (const payload of ['', '{', 'ended']) assert.equal(parseAccountEvent(payload), undefined)
  })
})
