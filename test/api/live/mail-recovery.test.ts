import assert from 'node:assert/strict'
import { accountEventsChannel } from '../../../db/account-events.js'
import { testDatabaseUrl } from '../../support/database.js'
import { putBehindGate } from '../../support/gated-database.js'
import { breakListening, describeGateway } from '../../support/gateway.js'
import { openMailSocket } from '../../support/socket-client.js'
import { waitUntil } from '../../support/wait-until.js'
import { addPerson, type MailPerson, sendMail, updateAccount } from '../support/mail-people.js'

describeGateway('Sockets of internal mail, when parts are away', (on) => {
  let ana: MailPerson
  let rui: MailPerson
  beforeEach(async () => {
    ana = await addPerson(on.database, 'Ana')
    rui = await addPerson(on.database, 'Rui')
  })

  const notify = async (event: object | string) => {
    await on.database.pool.query('select pg_notify($1, $2)', [
      accountEventsChannel,
      typeof event === 'string' ? event : JSON.stringify(event),
    ])
  }

  it('send the count once the database is back that was away when the socket opened', async () => {
    const gated = putBehindGate(on.database)
    gated.shut()
    const gateway = await on.open({ database: gated })
    const client = openMailSocket(gateway.mailUrl(rui.token))
    await waitUntil('a read has failed', () => gated.refusals() > 0)
    await sendMail(on.database, ana, rui, 'Um')
    assert.deepEqual(client.frames(), [])
    gated.open()
    const frame = await client.receives('the count', () => true)
    assert.equal(frame.unread_count, 1)
    await sendMail(on.database, ana, rui, 'Dois')
    await client.receives('the next', ({ unread_count: unread }) => unread === 2)
  })

  it('read what came before an event that leaves a number out', async () => {
    const gateway = await on.open()
    const client = openMailSocket(gateway.mailUrl(rui.token))
    await client.receives('the count', () => true)
    // Two messages of which nobody was told.
    const { epoch } = await on.database.db
      .insertInto('mail_counters')
      .values({ account_id: rui.id, seq: 2, unread: 2 })
      .returning('epoch')
      .executeTakeFirstOrThrow()
    assert.equal(client.frames().length, 1)
    await sendMail(on.database, ana, rui, 'Três')
    await client.receives('the state', ({ seq, event }) => seq === 3 && event !== 'new_message')
    assert.deepEqual(
      client.frames().map(({ event, seq, unread_count: unread }) => [event, seq, unread]),
      [
        ['unread_count_updated', 0, 0],
        ['new_message', 3, 3],
        ['unread_count_updated', 3, 3],
      ],
    )
    assert.equal(client.last()?.epoch, epoch)
  })

  it('say nothing that is old, of somebody else, or no event at all', async () => {
    const gateway = await on.open()
    const client = openMailSocket(gateway.mailUrl(rui.token))
    await client.receives('the count', () => true)
    await sendMail(on.database, ana, rui, 'Um')
    await sendMail(on.database, ana, rui, 'Dois')
    const { epoch } = await client.receives('the second', ({ seq }) => seq === 2)
    for (const seq of [1, 2])
      await notify({ kind: 'count', account: rui.id, epoch, seq, unread: 9 })
    await notify({ kind: 'count', account: ana.id, epoch, seq: 3, unread: 9 })
    await notify({ kind: 'count', account: String(rui.id), epoch, seq: 3, unread: 9 })
    await notify({ kind: 'other', account: rui.id, epoch, seq: 3, unread: 9 })
    for (const text of ['', 'null', '{"kind":']) await notify(text)
    await sendMail(on.database, ana, rui, 'Três')
    await client.receives('the third', ({ seq }) => seq === 3)
    assert.deepEqual(
      client.frames().map(({ unread_count: unread }) => unread),
      [0, 1, 2, 3],
    )
  })

  const onServer = testDatabaseUrl === undefined ? it.skip : it
  onServer(
    'send what they missed while the LISTEN connection was gone, and close who ended (TEST_DATABASE_URL)',
    async () => {
      const eva = await addPerson(on.database, 'Eva')
      const gateway = await on.open()
      const [his, hers, evas] = [rui, ana, eva].map(({ token }) =>
        openMailSocket(gateway.mailUrl(token)),
      )
      await Promise.all([his!, hers!, evas!].map((one) => one.receives('the count', () => true)))
      await sendMail(on.database, ana, rui, 'Um')
      await his!.receives('the first', ({ seq }) => seq === 1)
      await breakListening(on.database.pool)
      await sendMail(on.database, ana, rui, 'Dois')
      await sendMail(on.database, ana, rui, 'Três')
      await updateAccount(on.database, eva, { disabled_at: new Date() })
      await his!.receives('what was missed', ({ seq }) => seq === 3)
      assert.equal(await evas!.ended, 1008)
      await sendMail(on.database, ana, rui, 'Quatro')
      await his!.receives('the next', ({ seq }) => seq === 4)
      assert.deepEqual(
        his!.frames().flatMap((frame) => ('message' in frame ? [frame.message.title] : [])),
        ['Um', 'Dois', 'Três', 'Quatro'],
      )
      // Nothing of hers had changed.
      assert.equal(hers!.frames().length, 1)
    },
  )
})
