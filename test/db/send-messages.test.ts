import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { type AccountEvent, accountEventsChannel } from '../../db/account-events.js'
import { changeAccount } from '../../db/accounts.js'
import type { OpenDatabase } from '../../db/database.js'
import { findMailState, listInbox, markRead } from '../../db/messages.js'
import { type Notifications, openNotifications } from '../../db/notifications.js'
import { asSealed } from '../../db/sealed.js'
import { type NewMessage, sendMessages } from '../../db/send-messages.js'
import { openTestDatabase } from '../support/database.js'
import { addMailAccount } from '../support/mail-accounts.js'
import { findSender, sendMessage } from '../support/send-message.js'
import { waitUntil } from '../support/wait-until.js'

describe('Messages sent with one statement', () => {
  let database: OpenDatabase
  let notifications: Notifications
  let events: AccountEvent[]
  let [ana, rui, eva] = [0, 0, 0]

  beforeEach(async () => {
    database = await openTestDatabase()
    ana = await addMailAccount(database.db, 'Ana')
    rui = await addMailAccount(database.db, 'Rui')
    eva = await addMailAccount(database.db, 'Eva')
    events = []
    notifications = await openNotifications(database, [accountEventsChannel], {
      onNotification: (payload) => events.push(JSON.parse(payload) as AccountEvent),
      onListening: () => undefined,
      onError: assert.ifError,
    })
  })
  afterEach(() => notifications.close())

  const compose = async (
    senderId: number,
    recipientId: number,
    text = 'a title',
  ): Promise<NewMessage> => ({
    sender: await findSender(database.db, senderId),
    recipientId,
    sealId: randomUUID(),
    title: asSealed(Buffer.from(text)),
    body: asSealed(Buffer.from(`the body of ${text}`)),
  })
  const heard = (count: number) => waitUntil(`${count} events`, () => events.length >= count)
  const isNothingWritten = async () => {
    const { db } = database
    const messages = await db.selectFrom('messages').select('id').execute()
    const counters = await db.selectFrom('mail_counters').select('seq').execute()
    return messages.length + counters.length === 0
  }

  it('keep their own texts, numbers and order', async () => {
    await sendMessage(database.db, await toParts(ana, rui))
    const texts = ['um', '', 'três', 'quatro']
    const to = [rui, eva, rui, ana]
    const from = [ana, rui, eva, rui]
    const sent = await sendMessages(
      database.db,
      await Promise.all(texts.map((text, n) => compose(from[n] ?? 0, to[n] ?? 0, text))),
    )
    const rows = await listInbox(database.db, { accountId: rui })
    assert.deepEqual(rows, [sent[2], sent[0], rows[2]])
    assert.equal(new Set(rows.map(({ seal_id }) => seal_id)).size, 3)
    assert.deepEqual(
      rows.map((row) => row.body.toString()),
      ['the body of três', 'the body of um', 'b'],
    )
    assert.deepEqual(await listInbox(database.db, { accountId: eva }), [sent[1]])
    await heard(5)
    const told = (account: number) =>
      events.flatMap((event) =>
        event.kind === 'message' && event.account === account
          ? [[event.seq, event.unread, event.message.id]]
          : [],
      )
    assert.deepEqual(told(rui), [
      [1, 1, rows[2]?.id],
      [2, 2, rows[1]?.id],
      [3, 3, rows[0]?.id],
    ])
    assert.deepEqual(told(ana).length, 1)
    const bound = events.flatMap((event) =>
      event.kind === 'message' && event.account === rui ? [event.message.seal_id] : [],
    )
    assert.deepEqual(bound, rows.map(({ seal_id }) => seal_id).toReversed())
  })

  const toParts = (senderId: number, recipientId: number) =>
    Promise.resolve({
      senderId,
      recipientId,
      title: asSealed(Buffer.from('t')),
      body: asSealed(Buffer.from('b')),
    })

  it('continue the count of what was read and sent before', async () => {
    const { id } = await sendMessage(database.db, await toParts(ana, rui))
    await markRead(database.db, { accountId: rui, messageId: id })
    await sendMessages(database.db, [await compose(ana, rui), await compose(eva, rui)])
    const [state] = await findMailState(database.db, [rui])
    assert.deepEqual([state?.seq, state?.unread], [4, 2])
    await heard(4)
    assert.deepEqual(
      events.map((event) => (event.kind === 'ended' ? [] : [event.seq, event.unread])),
      [
        [1, 1],
        [2, 0],
        [3, 1],
        [4, 2],
      ],
    )
  })

  it('fail each for itself: others are sent', async () => {
    const messages = [
      await compose(ana, rui, 'um'),
      await compose(ana, rui + 1_000),
      await compose(eva, rui),
      await compose(rui, eva, 'dois'),
    ]
    await changeAccount(database.db, eva, { kind: 'sign_out' })
    const outcomes = await sendMessages(database.db, messages)
    assert.deepEqual(
      outcomes.map((outcome) => (typeof outcome === 'string' ? outcome : outcome.title.toString())),
      ['um', 'unknown_recipient', 'unknown_sender', 'dois'],
    )
    const [state] = await findMailState(database.db, [rui])
    assert.deepEqual([state?.seq, state?.unread], [1, 1])
    await heard(3)
    assert.deepEqual(
      events.map(({ kind, account }) => [kind, account]),
      [
        ['ended', eva],
        ['message', rui],
        ['message', eva],
      ],
    )
  })

  for (const [what, change] of [
    ['disabled', { kind: 'disable' }],
    ['deleted', { kind: 'delete' }],
    ['signed out everywhere', { kind: 'sign_out' }],
  ] as const)
    it(`are not sent for an account that was ${what}`, async () => {
      const message = await compose(ana, rui)
      await changeAccount(database.db, ana, change)
      assert.deepEqual(await sendMessages(database.db, [message]), ['unknown_sender'])
      assert.ok(await isNothingWritten())
    })

  it('are not sent in a name that isn’t the account’s', async () => {
    const message = await compose(ana, rui)
    const sender = { ...message.sender, username: 'Eva' }
    assert.deepEqual(await sendMessages(database.db, [{ ...message, sender }]), ['unknown_sender'])
    assert.ok(await isNothingWritten())
  })

  it('leave nothing where nobody can get them', async () => {
    const { db } = database
    const disabled = await addMailAccount(db, 'Disabled', { disabled_at: new Date() })
    const deleted = await addMailAccount(db, 'Deleted', { deleted_at: new Date() })
    for (const recipientId of [disabled, deleted, 2_147_483_647, 0, -1])
      assert.deepEqual(await sendMessages(db, [await compose(ana, recipientId)]), [
        'unknown_recipient',
      ])
    assert.ok(await isNothingWritten())
  })

  it('tell no title that does not fit a notification', async () => {
    const longest = await addMailAccount(database.db, '"𝒜'.repeat(127))
    await sendMessages(database.db, [
      await compose(longest, rui, 'x'.repeat(3_501)),
      await compose(longest, rui, 'x'.repeat(3_500)),
    ])
    await sendMessages(database.db, [await compose(longest, rui, 'x'.repeat(3_500))])
    await heard(3)
    const whole = Math.ceil(3_500 / 3) * 4
    assert.deepEqual(
      events.map((event) => event.kind === 'message' && event.message.title?.length),
      [undefined, whole, whole],
    )
  })
})
