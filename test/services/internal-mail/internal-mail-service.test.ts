import assert from 'node:assert/strict'
import { sql } from 'kysely'
import pino from 'pino'
import {
  createInternalMailService,
  type Message,
  type InternalMailService,
} from '../../../services/internal-mail/internal-mail-service.js'
import { changeAccount } from '../../../db/accounts.js'
import type { OpenDatabase } from '../../../db/database.js'
import { createKeyRing } from '../../../db/key-ring.js'
import { openTestDatabase } from '../../support/database.js'
import { addMailAccount } from '../../support/mail-accounts.js'
import { findSender } from '../../support/send-message.js'
import { sealUnbound } from '../../support/unbound-seal.js'

describe('The message service', () => {
  const log = pino({ level: 'silent' })
  const title = 'Reunião de sexta'
  const body = 'Às 14h na sala 3?\n'.repeat(20)
  let database: OpenDatabase
  let service: InternalMailService
  let [ana, rui] = [0, 0]

  const openService = (...secrets: string[]) =>
    createInternalMailService({ db: database.db, keys: createKeyRing(secrets), log })

  beforeEach(async () => {
    database = await openTestDatabase()
    service = openService('a secret')
    ana = await addMailAccount(database.db, 'Ana')
    rui = await addMailAccount(database.db, 'Rui')
  })

  const send = async (senderId: number, recipientId: number) =>
    service.send({ sender: await findSender(database.db, senderId), recipientId, title, body })
  async function sendWell(senderId: number, recipientId: number): Promise<Message> {
    const message = await send(senderId, recipientId)
    assert.ok(typeof message === 'object', 'It was not sent.')
    return message
  }

  it('gives sender and recipient the same message, in the contract’s shape', async () => {
    const message = await sendWell(ana, rui)
    const { id, timestamp, ...rest } = message
    assert.ok(Number.isInteger(id))
    assert.match(timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    assert.ok(Math.abs(Date.parse(timestamp) - Date.now()) < 60_000)
    assert.deepEqual(rest, {
      sender_id: ana,
      recipient_id: rui,
      title,
      body,
      is_read: false,
      sender_username: 'Ana',
      recipient_username: 'Rui',
    })
    assert.deepEqual(await service.inbox({ accountId: rui }), [message])
    assert.deepEqual(await service.outbox({ accountId: ana }), [message])
    assert.deepEqual(await service.inbox({ accountId: ana }), [])
    assert.deepEqual(await service.outbox({ accountId: rui }), [])
  })

  it('keeps neither title nor body in clear', async () => {
    await sendWell(ana, rui)
    const rows = await database.db.selectFrom('messages').selectAll().execute()
    assert.equal(rows.length, 1)
    for (const words of [title, body.slice(0, 12)])
      assert.equal(
        rows.some((row) => [row.title, row.body].some((bytes) => bytes.includes(words))),
        false,
      )
  })

  it('reads what an older key sealed', async () => {
    await sendWell(ana, rui)
    const [message] = await openService('a newer secret', 'a secret').inbox({ accountId: rui })
    assert.ok(message && 'body' in message)
    assert.deepEqual([message.title, message.body], [title, body])
  })

  it('gives a message whose key is gone without its text, and the others whole', async () => {
    const lost = await sendWell(ana, rui)
    const newer = openService('a newer secret')
    const sender = await findSender(database.db, ana)
    const read = await newer.send({ sender, recipientId: rui, title, body })
    const inbox = await newer.inbox({ accountId: rui })
    assert.deepEqual(inbox[0], read)
    assert.equal(inbox[1]?.id, lost.id)
    assert.ok(!('title' in inbox[1]) && !('body' in inbox[1]))
    assert.deepEqual(await openService('a newer secret', 'a secret').inbox({ accountId: rui }), [
      read,
      lost,
    ])
  })

  /** Sends three, has the database changed, and reads the inbox: which of them are whole? */
  async function whichAreWhole(
    change: (ids: { first: number; second: number }) => Promise<unknown>,
  ): Promise<boolean[]> {
    const sent = [await sendWell(ana, rui), await sendWell(ana, rui), await sendWell(ana, rui)]
    const [first, second] = sent
    assert.ok(first !== undefined && second !== undefined)
    await change({ first: first.id, second: second.id })
    const inbox = await service.inbox({ accountId: rui })
    assert.deepEqual(
      inbox.map(({ id }) => id),
      sent.map(({ id }) => id).toReversed(),
    )
    return inbox.toReversed().map((message) => 'title' in message && 'body' in message)
  }

  for (const [what, columns] of [
    ['title', ['title']],
    ['body', ['body']],
    ['title and body', ['title', 'body']],
  ] as const)
    it(`does not show the ${what} of another message that was put in its place`, async () => {
      const whole = await whichAreWhole(({ first, second }) => {
        const set = sql.join(
          columns.map((column) => sql`${sql.ref(column)} = other.${sql.ref(column)}`),
        )
        return sql`update messages set ${set} from (select title, body from messages where id = ${second}) as other
          where id = ${first}`.execute(database.db)
      })
      assert.deepEqual(whole, [false, true, true])
    })

  it('does not show title and body that changed places', async () => {
    const whole = await whichAreWhole(({ first }) =>
      sql`update messages set title = body, body = title where id = ${first}`.execute(database.db),
    )
    assert.deepEqual(whole, [false, true, true])
  })

  it('does not show a message as written by somebody else', async () => {
    const eva = await addMailAccount(database.db, 'Eva')
    const whole = await whichAreWhole(({ first }) =>
      sql`update messages set sender_id = ${eva} where id = ${first}`.execute(database.db),
    )
    assert.deepEqual(whole, [false, true, true])
  })

  it('does not show a message to whom it was not written to', async () => {
    const eva = await addMailAccount(database.db, 'Eva')
    const { id } = await sendWell(ana, rui)
    await sql`update messages set recipient_id = ${eva} where id = ${id}`.execute(database.db)
    const [moved] = await service.inbox({ accountId: eva })
    assert.equal(moved?.id, id)
    assert.ok(!('title' in moved) && !('body' in moved))
  })

  it('lets nobody copy the texts of a message to another row', async () => {
    const [{ id: first }, { id: second }] = [await sendWell(ana, rui), await sendWell(ana, rui)]
    const copied = sql`update messages set (seal_id, title, body) =
      (select seal_id, title, body from messages where id = ${first}) where id = ${second}`
    await assert.rejects(copied.execute(database.db), /messages_seal/)
  })

  it('does not show a new message that passes for one from before seals were bound', async () => {
    const whole = await whichAreWhole(({ first }) =>
      sql`update messages set seal_id = null where id = ${first}`.execute(database.db),
    )
    assert.deepEqual(whole, [false, true, true])
  })

  it('reads what was sealed before seals were bound', async () => {
    const { id } = await sendWell(ana, rui)
    const old = {
      title: sealUnbound('a secret', 'Um'),
      body: sealUnbound('a secret', 'Bom dia'),
    }
    await sql`update messages set title = ${old.title}, body = ${old.body}, seal_id = null
      where id = ${id}`.execute(database.db)
    const [message] = await service.inbox({ accountId: rui })
    assert.ok(message && 'body' in message)
    assert.deepEqual([message.title, message.body], ['Um', 'Bom dia'])
  })

  it('marks a message as read for both, by its recipient alone', async () => {
    const message = await sendWell(ana, rui)
    assert.equal(await service.markRead(ana, message.id), false)
    assert.equal(await service.markRead(rui, message.id), true)
    const read = { ...message, is_read: true }
    assert.deepEqual(await service.inbox({ accountId: rui }), [read])
    assert.deepEqual(await service.outbox({ accountId: ana }), [read])
  })

  it('sends nothing to nobody', async () => {
    assert.equal(await send(ana, rui + 1_000), 'unknown_recipient')
    assert.deepEqual(await service.outbox({ accountId: ana }), [])
  })

  it('sends nothing for an account that has ended since its token was read', async () => {
    const sender = await findSender(database.db, ana)
    await changeAccount(database.db, ana, { kind: 'sign_out' })
    assert.equal(await service.send({ sender, recipientId: rui, title, body }), 'unknown_sender')
    assert.deepEqual(await service.inbox({ accountId: rui }), [])
  })

  it('sends what is asked for at once together, each with its own outcome', async () => {
    const outcomes = await Promise.all([
      send(ana, rui),
      send(ana, rui + 1_000),
      send(rui, ana),
      send(ana, rui),
    ])
    const [first, nobody, back, last] = outcomes
    assert.equal(nobody, 'unknown_recipient')
    assert.deepEqual(await service.inbox({ accountId: rui }), [last, first])
    assert.deepEqual(await service.inbox({ accountId: ana }), [back])
  })
})
