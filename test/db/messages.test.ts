import assert from 'node:assert/strict'
import { type AccountEvent, accountEventsChannel } from '../../db/account-events.js'
import type { OpenDatabase } from '../../db/database.js'
import {
  findMailState,
  listInbox,
  listMessagesSince,
  listOutbox,
  type MailState,
  markRead,
  type MessageRow,
} from '../../db/messages.js'
import { type Notifications, openNotifications } from '../../db/notifications.js'
import { asSealed } from '../../db/sealed.js'
import { openTestDatabase } from '../support/database.js'
import { addMailAccount } from '../support/mail-accounts.js'
import { sendMessage } from '../support/send-message.js'
import { waitUntil } from '../support/wait-until.js'

describe('Messages in the database', () => {
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
  afterEach(async () => {
    await notifications.close()
  })

  async function send(
    senderId: number,
    recipientId: number,
    text: { title?: Buffer; body?: Buffer } = {},
  ): Promise<MessageRow> {
    const { title = Buffer.from('a title'), body = Buffer.from('a body') } = text
    return await sendMessage(database.db, {
      senderId,
      recipientId,
      title: asSealed(title),
      body: asSealed(body),
    })
  }
  const idsOf = (rows: readonly { id: number }[]) => rows.map(({ id }) => id)
  const heard = (count: number) => waitUntil(`${count} events`, () => events.length >= count)
  async function stateOf(account: number): Promise<MailState> {
    const [state] = await findMailState(database.db, [account])
    assert.ok(state)
    return state
  }

  it('are written, counted and told in one go', async () => {
    const startedAt = Date.now()
    const title = Buffer.from([0, 255, 10, ...Buffer.alloc(200, 7)])
    const row = await send(ana, rui, { title })
    assert.deepEqual(row, {
      id: row.id,
      sender_id: ana,
      recipient_id: rui,
      sender_username: 'Ana',
      recipient_username: 'Rui',
      seal_id: row.seal_id,
      title,
      body: Buffer.from('a body'),
      is_read: false,
      created_at: row.created_at,
    })
    assert.deepEqual(await listInbox(database.db, { accountId: rui }), [row])
    const state = await stateOf(rui)
    assert.deepEqual(state, { account: rui, epoch: state.epoch, seq: 1, unread: 1 })
    assert.ok(Math.abs(state.epoch - startedAt) < 60_000, 'the epoch is the counter’s beginning')
    await heard(1)
    assert.deepEqual(events, [
      {
        kind: 'message',
        ...state,
        message: {
          id: row.id,
          sender_id: ana,
          sender_username: 'Ana',
          seal_id: row.seal_id,
          title: title.toString('base64'),
          timestamp: row.created_at.toISOString(),
        },
      },
    ])
  })

  it('count on in one epoch, for each recipient alone', async () => {
    await send(ana, rui)
    const first = await stateOf(rui)
    await send(eva, rui)
    await send(rui, ana)
    assert.deepEqual(await stateOf(rui), { ...first, seq: 2, unread: 2 })
    assert.deepEqual((await stateOf(ana)).seq, 1)
    assert.deepEqual(await stateOf(eva), { account: eva, epoch: 0, seq: 0, unread: 0 })
  })

  it('sent all at once get a seq each, in the order of their ids and of their events', async () => {
    const count = 40
    await Promise.all(Array.from({ length: count }, (_, n) => send(n % 2 === 0 ? ana : eva, rui)))
    await heard(count)
    const all = Array.from({ length: count }, (_, index) => index + 1)
    assert.deepEqual(
      events.map((event) => (event.kind === 'message' ? [event.seq, event.unread] : [])),
      all.map((seq) => [seq, seq]),
    )
    const missed = await listMessagesSince(database.db, { accountId: rui, seq: 0, limit: count })
    assert.deepEqual(
      missed.map(({ seq }) => seq),
      all,
    )
    assert.deepEqual(
      idsOf(missed),
      idsOf(missed).toSorted((a, b) => a - b),
    )
  })

  it('are told without a title that is too long for a notification', async () => {
    const title = Buffer.alloc(20_000, 1)
    const { id } = await send(ana, rui, { title })
    await heard(1)
    const [event] = events
    assert.ok(event?.kind === 'message')
    assert.equal(event.message.id, id)
    assert.equal('title' in event.message, false)
    assert.deepEqual((await listInbox(database.db, { accountId: rui }))[0]?.title, title)
  })

  it('are told whole with the longest title and name that a route takes', async () => {
    const longest = await addMailAccount(database.db, '"𝒜'.repeat(127))
    const title = Buffer.alloc(255 * 4 + 33, 200)
    await send(longest, rui, { title })
    await heard(1)
    const [event] = events
    assert.ok(event?.kind === 'message')
    assert.equal(event.message.title, title.toString('base64'))
    assert.equal(event.message.sender_username, '"𝒜'.repeat(127))
  })

  it('marked as read, even by many at once, lower the count once', async () => {
    const { db } = database
    const { id: messageId } = await send(ana, rui)
    await send(ana, rui)
    const marked = await Promise.all(
      Array.from({ length: 5 }, () => markRead(db, { accountId: rui, messageId })),
    )
    assert.deepEqual(marked, [true, true, true, true, true])
    assert.equal(await markRead(db, { accountId: rui, messageId }), true)
    const state = await stateOf(rui)
    assert.deepEqual([state.seq, state.unread], [3, 1])
    await send(eva, rui)
    await heard(4)
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['message', 'message', 'count', 'message'],
    )
    assert.deepEqual(events[2], { kind: 'count', ...state })
    assert.deepEqual(
      (await listInbox(db, { accountId: rui })).map(({ is_read }) => is_read),
      [false, false, true],
    )
  })

  it('are not marked by anybody but their recipient', async () => {
    const { db } = database
    const { id: messageId } = await send(ana, rui)
    for (const accountId of [ana, eva])
      assert.equal(await markRead(db, { accountId, messageId }), false)
    assert.equal(await markRead(db, { accountId: rui, messageId: 2_147_483_647 }), false)
    assert.equal((await stateOf(rui)).unread, 1)
    assert.equal((await listInbox(db, { accountId: rui }))[0]?.is_read, false)
    await send(ana, rui)
    await heard(2)
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['message', 'message'],
    )
  })

  it('sent and read at the same time leave an exact count', async () => {
    const { db } = database
    const first = await Promise.all(Array.from({ length: 15 }, () => send(ana, rui)))
    await Promise.all([
      ...first.map(({ id: messageId }) => markRead(db, { accountId: rui, messageId })),
      ...Array.from({ length: 15 }, () => send(eva, rui)),
    ])
    const state = await stateOf(rui)
    assert.deepEqual([state.seq, state.unread], [45, 15])
    await heard(45)
    assert.deepEqual(
      events.map((event) => (event.kind === 'ended' ? 0 : event.seq)),
      Array.from({ length: 45 }, (_, index) => index + 1),
    )
  })

  it('are listed newest first, each in two mailboxes, a part where asked', async () => {
    const { db } = database
    const toRui = idsOf([await send(ana, rui), await send(eva, rui), await send(ana, rui)])
    const { id: toEva } = await send(ana, eva)
    const [first = 0, second = 0, third = 0] = toRui
    const inbox = async (page: object) => idsOf(await listInbox(db, { accountId: rui, ...page }))
    assert.deepEqual(await inbox({}), [third, second, first])
    assert.deepEqual(await inbox({ limit: 2 }), [third, second])
    assert.deepEqual(await inbox({ limit: 2, before: second }), [first])
    assert.deepEqual(await inbox({ before: first }), [])
    assert.deepEqual(await inbox({ limit: 0 }), [])
    assert.deepEqual(idsOf(await listOutbox(db, { accountId: ana })), [toEva, third, first])
    assert.deepEqual(idsOf(await listOutbox(db, { accountId: ana, before: toEva, limit: 1 })), [
      third,
    ])
    assert.deepEqual(await listOutbox(db, { accountId: rui }), [])
  })

  it('are listed up to 16 MB at a time, the rest by before', async () => {
    const { db } = database
    const body = Buffer.alloc(5 * 1024 * 1024, 3)
    const sent = idsOf([
      await send(ana, rui, { body }),
      await send(ana, rui, { body }),
      await send(ana, rui, { body }),
      await send(ana, rui, { body }),
    ])
    const [oldest = 0, ...newer] = sent
    const page = await listInbox(db, { accountId: rui })
    assert.deepEqual(idsOf(page), newer.toReversed())
    assert.deepEqual(idsOf(await listInbox(db, { accountId: rui, before: newer[0] })), [oldest])
  })

  it('stay readable under their names when an account is deleted', async () => {
    const { db } = database
    await send(ana, rui)
    await send(rui, ana)
    await db.updateTable('accounts').set({ deleted_at: new Date() }).where('id', '=', ana).execute()
    const [got] = await listInbox(db, { accountId: rui })
    const [sent] = await listOutbox(db, { accountId: rui })
    assert.equal(got?.sender_username, 'Ana')
    assert.equal(sent?.recipient_username, 'Ana')
    assert.equal((await listMessagesSince(db, { accountId: rui, seq: 0, limit: 9 })).length, 1)
    assert.equal(await markRead(db, { accountId: rui, messageId: got.id }), true)
    assert.equal((await stateOf(rui)).unread, 0)
  })

  it('that were missed come oldest first, the newest of too many', async () => {
    const { db } = database
    const ids = idsOf([await send(ana, rui), await send(eva, rui)])
    assert.equal(await markRead(db, { accountId: rui, messageId: ids[0] ?? 0 }), true)
    const last = await send(ana, rui)
    await send(ana, eva)
    const since = (seq: number, limit: number) =>
      listMessagesSince(db, { accountId: rui, seq, limit })
    assert.deepEqual(idsOf(await since(0, 200)), [...ids, last.id])
    assert.deepEqual(await since(2, 200), [
      {
        id: last.id,
        sender_id: ana,
        sender_username: 'Ana',
        seal_id: last.seal_id,
        title: last.title,
        created_at: last.created_at,
        seq: 4,
      },
    ])
    assert.deepEqual(idsOf(await since(0, 2)), [ids[1], last.id])
    assert.deepEqual(await since(4, 200), [])
  })
})
