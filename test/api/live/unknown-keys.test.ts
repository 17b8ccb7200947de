import assert from 'node:assert/strict'
import { createKeyRing, type KeyRing } from '../../../db/key-ring.js'
import { testKeys } from '../../support/config.js'
import { addJob, complete, describeGateway, keys as olderKeys } from '../../support/gateway.js'
import {
  type MailFrame,
  openMailSocket,
  openSocket,
  type SocketClient,
} from '../../support/socket-client.js'
import { addPerson, type MailPerson, sendMail } from '../support/mail-people.js'

/** As processes have them that were restarted with a new key. */
const newerKeys = createKeyRing(['a newer key of this test', testKeys.ENC_KEY])

/** A process that lacks the new key, until the test gives it. */
function createLateRing(): KeyRing & { learn(): void } {
  let ring = olderKeys
  return {
    ...olderKeys,
    open: (sealed, place) => ring.open(sealed, place),
    learn: () => {
      ring = newerKeys
    },
  }
}

const told = (client: SocketClient<MailFrame>) =>
  client.frames().map((frame) => ('message' in frame ? frame.message.title : frame.seq))

describeGateway('Sockets of a process that lacks a key', (on) => {
  let ana: MailPerson
  let rui: MailPerson
  beforeEach(async () => {
    ana = await addPerson(on.database, 'Ana')
    rui = await addPerson(on.database, 'Rui')
  })
  const send = (title: string, by = olderKeys) => sendMail(on.database, ana, rui, title, by)
  const counts = (client: SocketClient<MailFrame>, unread: number) =>
    client.receives(`${unread} unread`, (frame) => frame.unread_count === unread)

  it('stay open before mail that they can not open; another process gives it to whoever comes there', async () => {
    const [older, newer] = [await on.open(), await on.open({ keys: newerKeys })]
    const [waits, goesOn] = [older, newer].map((one) => openMailSocket(one.mailUrl(rui.token)))
    await Promise.all([counts(waits!, 0), counts(goesOn!, 0)])
    await send('Um')
    const { seq, epoch } = await counts(waits!, 1)
    await send('Dois', newerKeys)
    await send('Três')
    await counts(goesOn!, 3)
    await waits!.roundTrip()
    assert.deepEqual(told(waits!), [0, 'Um'])
    assert.deepEqual(told(goesOn!), [0, 'Um', 'Dois', 'Três'])

    const position = `&since=${seq}&epoch=${epoch}`
    const again = openMailSocket(newer.mailUrl(rui.token, position))
    await again.receives('the state', (frame) => frame.event === 'unread_count_updated')
    assert.deepEqual(told(again), ['Dois', 'Três', 3])
    // There it gets what comes before, and waits too.
    const fromStart = openMailSocket(older.mailUrl(rui.token, '&since=0&epoch=0'))
    await fromStart.receives('the first', () => true)
    await fromStart.roundTrip()
    assert.deepEqual(told(fromStart), ['Um'])
    // Whoever asks for nothing that was missed is told the present state.
    const present = openMailSocket(older.mailUrl(rui.token))
    await counts(present, 3)
  })

  it('go on by themselves once the key is there, and miss no mail', async () => {
    const keys = createLateRing()
    const gateway = await on.open({ keys })
    const client = openMailSocket(gateway.mailUrl(rui.token))
    await counts(client, 0)
    await send('Um', newerKeys)
    await send('Dois')
    await client.roundTrip()
    assert.deepEqual(told(client), [0])
    keys.learn()
    await client.receives('the state', (frame) => frame.seq === 2 && !('message' in frame))
    await send('Três', newerKeys)
    await counts(client, 3)
    assert.deepEqual(told(client), [0, 'Um', 'Dois', 2, 'Três'])
  })

  it('stay open before a result that they can not open, and get it once the key is there', async () => {
    const { db } = on.database
    const keys = createLateRing()
    const [older, newer] = [
      await on.open({ keys, timing: { tickMs: 20 } }),
      await on.open({ keys: newerKeys }),
    ]
    const [id, sound] = [await addJob(db), await addJob(db)]
    const [waits, goesOn] = [older, newer].map((one) => openSocket(one.url(id)))
    await waits!.receives('the first', () => true)
    await complete(db, id, 8, newerKeys)
    const late = openSocket(older.url(id))
    const other = openSocket(older.url(sound))
    await complete(db, sound)
    assert.deepEqual(await Promise.all([goesOn!.ended, other.ended]), [1000, 1000])
    await Promise.all([waits!.roundTrip(), late.roundTrip()])
    assert.deepEqual([waits!.last()?.status, late.last()?.status], ['pending', 'pending'])
    keys.learn()
    assert.deepEqual(await Promise.all([waits!.ended, late.ended]), [1000, 1000])
    for (const client of [waits!, late, goesOn!])
      assert.equal(client.last()?.result?.category, 'Produtivo')
  })
})
