import assert from 'node:assert/strict'
import { randomInt, randomUUID } from 'node:crypto'
import { accountEventsChannel } from '../../../db/account-events.js'
import { sealText } from '../../../db/key-ring.js'
import { messagePlace } from '../../../db/seal-places.js'
import { markRead } from '../../../db/messages.js'
import { testKeys } from '../../support/config.js'
import { describeGateway, keys } from '../../support/gateway.js'
import { type MailFrame, openMailSocket, type SocketClient } from '../../support/socket-client.js'
import { sendMessage } from '../../support/send-message.js'
import { sealUnbound } from '../../support/unbound-seal.js'
import { waitUntil } from '../../support/wait-until.js'
import { addPerson, type MailPerson, sendMail } from '../support/mail-people.js'

const titles = (client: SocketClient<MailFrame>): string[] =>
  client.frames().flatMap((frame) => ('message' in frame ? [frame.message.title] : []))

const counts = (client: SocketClient<MailFrame>, unread: number) =>
  client.receives(`${unread} unread`, (frame) => frame.unread_count === unread)

const after = ({ seq, epoch }: MailFrame): string => `&since=${seq}&epoch=${epoch}`

describeGateway('Sockets of internal mail', (on) => {
  let ana: MailPerson
  let rui: MailPerson
  beforeEach(async () => {
    ana = await addPerson(on.database, 'Ana')
    rui = await addPerson(on.database, 'Rui')
  })

  it('send the count at once on connecting', async () => {
    const gateway = await on.open()
    const none = openMailSocket(gateway.mailUrl(ana.token))
    await none.receives('the count', () => true)
    assert.deepEqual(none.frames(), [
      { event: 'unread_count_updated', unread_count: 0, seq: 0, epoch: 0 },
    ])
    await sendMail(on.database, ana, rui, 'Um')
    await sendMail(on.database, ana, rui, 'Dois')
    const two = openMailSocket(gateway.mailUrl(rui.token))
    const first = await two.receives('the count', () => true)
    assert.deepEqual(first, {
      event: 'unread_count_updated',
      unread_count: 2,
      seq: 2,
      epoch: first.epoch,
    })
    assert.ok(Math.abs(Date.now() - first.epoch) < 60_000)
  })

  it('tell every socket of the recipient of a message, over all gateways, and nobody else', async () => {
    const gateways = [await on.open(), await on.open()]
    const [hers] = gateways.map((one) => openMailSocket(one.mailUrl(ana.token)))
    const his = [...gateways, ...gateways].map((one) => openMailSocket(one.mailUrl(rui.token)))
    await Promise.all([hers!, ...his].map((one) => counts(one, 0)))
    const id = await sendMail(on.database, ana, rui, 'Reunião amanhã ✓')
    const { created_at } = await on.database.db
      .selectFrom('messages')
      .select('created_at')
      .executeTakeFirstOrThrow()
    for (const client of his) {
      const frame = await counts(client, 1)
      assert.deepEqual(frame, {
        event: 'new_message',
        unread_count: 1,
        message: {
          id,
          sender_id: ana.id,
          sender_username: 'Ana',
          title: 'Reunião amanhã ✓',
          timestamp: created_at.toISOString(),
          unread_count: 1,
        },
        seq: 1,
        epoch: frame.epoch,
      })
    }
    await sendMail(on.database, rui, ana, 'Combinado')
    await counts(hers!, 1)
    assert.deepEqual(titles(hers!), ['Combinado'])
    assert.equal(hers!.frames().length, 2)
  })

  it('let the count fall on every device when a message is read on one, once', async () => {
    const gateway = await on.open()
    const devices = [1, 2].map(() => openMailSocket(gateway.mailUrl(rui.token)))
    await Promise.all(devices.map((one) => counts(one, 0)))
    const messageId = await sendMail(on.database, ana, rui, 'Um')
    await sendMail(on.database, ana, rui, 'Dois')
    await Promise.all(devices.map((one) => counts(one, 2)))
    const reads = [1, 2].map(() => markRead(on.database.db, { accountId: rui.id, messageId }))
    assert.deepEqual(await Promise.all(reads), [true, true])
    await sendMail(on.database, ana, rui, 'Três')
    for (const device of devices) {
      await device.receives('the last', (frame) => frame.seq === 4)
      assert.deepEqual(
        device.frames().map(({ event, unread_count, seq }) => [event, unread_count, seq]),
        [
          ['unread_count_updated', 0, 0],
          ['new_message', 1, 1],
          ['new_message', 2, 2],
          ['unread_count_updated', 1, 3],
          ['new_message', 2, 4],
        ],
      )
    }
  })

  it('keep the order in which messages were counted, however many are sent at once', async () => {
    const gateway = await on.open()
    const client = openMailSocket(gateway.mailUrl(rui.token))
    await counts(client, 0)
    await Promise.all(
      Array.from({ length: 60 }, (_, i) => sendMail(on.database, ana, rui, `n.º ${i}`)),
    )
    await counts(client, 60)
    const expected = Array.from({ length: 61 }, (_, seq) => [seq, seq])
    assert.deepEqual(
      client.frames().map(({ seq, unread_count: unread }) => [seq, unread]),
      expected,
    )
    assert.equal(new Set(titles(client)).size, 60)
  })

  it('give what was missed to whoever says how far it had come', async () => {
    const gateway = await on.open()
    const first = openMailSocket(gateway.mailUrl(rui.token))
    await counts(first, 0)
    const messageId = await sendMail(on.database, ana, rui, 'Um')
    const last = await counts(first, 1)
    first.socket.terminate()
    await sendMail(on.database, ana, rui, 'Dois')
    await sendMail(on.database, ana, rui, 'Três')
    await markRead(on.database.db, { accountId: rui.id, messageId })
    const again = openMailSocket(gateway.mailUrl(rui.token, after(last)))
    await again.receives('the state', (frame) => frame.event === 'unread_count_updated')
    assert.deepEqual(
      again.frames().map(({ event, unread_count, seq }) => [event, unread_count, seq]),
      [
        ['new_message', 2, 2],
        ['new_message', 2, 3],
        ['unread_count_updated', 2, 4],
      ],
    )
    assert.deepEqual(titles(again), ['Dois', 'Três'])
    // From before the first message of all.
    const all = openMailSocket(gateway.mailUrl(rui.token, '&since=0&epoch=0'))
    await all.receives('the state', (frame) => frame.seq === 4)
    assert.deepEqual(titles(all), ['Um', 'Dois', 'Três'])
  })

  it('give the present state alone for a position that means nothing here', async () => {
    const gateway = await on.open()
    await sendMail(on.database, ana, rui, 'Um')
    const [{ epoch }] = [
      await openMailSocket(gateway.mailUrl(rui.token)).receives('the count', () => true),
    ]
    for (const position of [
      `&since=0&epoch=${epoch - 1}`,
      `&since=99&epoch=${epoch}`,
      `&since=0`,
      `&epoch=${epoch}`,
      `&since=-1&epoch=${epoch}`,
      `&since=1e0&epoch=${epoch}`,
      `&since=9999999999999999999&epoch=${epoch}`,
    ]) {
      const client = openMailSocket(gateway.mailUrl(rui.token, position))
      await client.receives('the count', () => true)
      await client.roundTrip()
      assert.deepEqual(
        client.frames(),
        [{ event: 'unread_count_updated', unread_count: 1, seq: 1, epoch }],
        position,
      )
      client.socket.terminate()
    }
    const ahead = openMailSocket(gateway.mailUrl(rui.token, `&since=99&epoch=${epoch}`))
    await counts(ahead, 1)
    await sendMail(on.database, ana, rui, 'Dois')
    await counts(ahead, 2)
  })

  it('give the newest hundred to whoever missed more, and the whole count', async () => {
    const gateway = await on.open()
    for (let i = 1; i <= 105; i++) await sendMail(on.database, ana, rui, `n.º ${i}`)
    const client = openMailSocket(gateway.mailUrl(rui.token, '&since=0&epoch=0'))
    await client.receives('the state', (frame) => frame.event === 'unread_count_updated')
    assert.deepEqual(
      titles(client),
      Array.from({ length: 100 }, (_, i) => `n.º ${i + 6}`),
    )
    assert.equal(client.last()?.unread_count, 105)
  })

  it('tell of a title that is too long for a notification', async () => {
    const gateway = await on.open()
    const client = openMailSocket(gateway.mailUrl(rui.token))
    await counts(client, 0)
    await sendMail(on.database, ana, rui, 'ã'.repeat(3_000))
    await sendMail(on.database, ana, rui, 'curto')
    await client.receives('the last', (frame) => frame.seq === 2)
    assert.deepEqual(titles(client), ['ã'.repeat(3_000), 'curto'])
  })

  it('count a message whose title is that of another, live and when it was missed', async () => {
    const gateway = await on.open()
    const client = openMailSocket(gateway.mailUrl(rui.token))
    await counts(client, 0)
    const moved = { seal_id: randomUUID(), sender_id: ana.id, recipient_id: rui.id }
    const title = sealText(keys, 'Um', messagePlace('title', moved))
    await sendMessage(on.database.db, { senderId: ana.id, recipientId: rui.id, title, body: title })
    await counts(client, 1)
    await sendMail(on.database, ana, rui, 'Dois')
    await counts(client, 2)
    assert.deepEqual(titles(client), ['Dois'])
    const again = openMailSocket(gateway.mailUrl(rui.token, '&since=0&epoch=0'))
    await again.receives('the state', (frame) => frame.event === 'unread_count_updated')
    assert.deepEqual(titles(again), ['Dois'])
  })

  it('are told in frames that say nothing of seals', async () => {
    const gateway = await on.open()
    const client = openMailSocket(gateway.mailUrl(rui.token))
    await counts(client, 0)
    await sendMail(on.database, ana, rui, 'Um')
    await counts(client, 1)
    assert.deepEqual(titles(client), ['Um'])
    assert.ok(!JSON.stringify(client.frames()).includes('seal'))
  })

  it('are told what a process from before seals were bound sends', async () => {
    const gateway = await on.open()
    const client = openMailSocket(gateway.mailUrl(rui.token))
    await counts(client, 0)
    await on.database.pool.query('select pg_notify($1, $2)', [
      accountEventsChannel,
      JSON.stringify({
        kind: 'message',
        account: rui.id,
        epoch: 1_800_000_000_000,
        seq: 1,
        unread: 1,
        message: {
          id: 1,
          sender_id: ana.id,
          sender_username: 'Ana',
          title: sealUnbound(testKeys.ENC_KEY, 'Um').toString('base64'),
          timestamp: '2026-01-15T00:00:00.000Z',
        },
      }),
    ])
    await counts(client, 1)
    assert.deepEqual(titles(client), ['Um'])
  })

  it('lose nothing and say nothing twice to sockets that break off and come back', async () => {
    const gateways = [await on.open(), await on.open()]
    const seen: string[] = []
    let isOver = false
    const follow = async () => {
      let position = '&since=0&epoch=0'
      while (!isOver) {
        const client = openMailSocket(gateways[randomInt(2)]!.mailUrl(rui.token, position))
        const wanted = randomInt(1, 6)
        await waitUntil('some frames', () => isOver || client.frames().length >= wanted)
        client.socket.terminate()
        await client.ended
        const last = client.last()
        seen.push(...titles(client))
        if (last !== undefined) position = after(last)
      }
      const client = openMailSocket(gateways[0]!.mailUrl(rui.token, position))
      await counts(client, 80)
      await client.roundTrip()
      seen.push(...titles(client))
    }
    const following = follow()
    for (let i = 0; i < 80; i++) await sendMail(on.database, ana, rui, `n.º ${i}`)
    isOver = true
    await following
    assert.deepEqual(
      seen,
      Array.from({ length: 80 }, (_, i) => `n.º ${i}`),
    )
  })
})
