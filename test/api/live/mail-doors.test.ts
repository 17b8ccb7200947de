import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { createTokens } from '../../../services/accounts/tokens.js'
import { createMetrics } from '../../../services/adapters/metrics.js'
import { accountEventsChannel } from '../../../db/account-events.js'
import { sealText } from '../../../db/key-ring.js'
import { messagePlace } from '../../../db/seal-places.js'
import { testKeys } from '../../support/config.js'
import { addJob, describeGateway, keys, tokens } from '../../support/gateway.js'
import { handshakeStatus, openMailSocket } from '../../support/socket-client.js'
import { waitUntil } from '../../support/wait-until.js'
import {
  addPerson,
  type MailPerson,
  notifyEnded,
  sendMail,
  updateAccount,
} from '../support/mail-people.js'

describeGateway('The door of internal mail', (on) => {
  let ana: MailPerson
  let rui: MailPerson
  beforeEach(async () => {
    ana = await addPerson(on.database, 'Ana')
    rui = await addPerson(on.database, 'Rui')
  })

  /** Accepted, told nothing, closed with 1008. */
  async function assertClosed(url: string, options = {}): Promise<void> {
    const client = openMailSocket(url, options)
    const opened = once(client.socket, 'open')
    assert.equal(await client.ended, 1008, url)
    await opened
    assert.deepEqual(client.frames(), [])
  }

  it('closes with 1008 on whatever is no token of ours', async () => {
    const gateway = await on.open()
    const claims = { username: 'Ana', accountId: ana.id, generation: 0 }
    const hourAgo = () => new Date(Date.now() - 3_600_000)
    const [head = '', body = '', signature = ''] = ana.token.split('.')
    const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')
    for (const token of [
      '',
      'garbage',
      'a.b.c',
      `${head}.${body}.`,
      `${none}.${body}.`,
      `${none}.${body}.${signature}`,
      '%00',
      'x'.repeat(3_000),
      await createTokens({
        secrets: [testKeys.SECRET_KEY],
        lifetimeMinutes: 30,
        now: hourAgo,
      }).issue(claims),
      await createTokens({ secrets: ['another key'], lifetimeMinutes: 30 }).issue(claims),
    ])
      await assertClosed(gateway.mailUrl(token))
    await assertClosed(gateway.mailUrl('').replace('?token=', ''))
  })

  it('closes with 1008 where the account has ended or signed out everywhere', async () => {
    const gateway = await on.open()
    await updateAccount(on.database, ana, { disabled_at: new Date() })
    await assertClosed(gateway.mailUrl(ana.token))
    await updateAccount(on.database, ana, { disabled_at: null, deleted_at: new Date() })
    await assertClosed(gateway.mailUrl(ana.token))
    await updateAccount(on.database, rui, { token_generation: 1 })
    await assertClosed(gateway.mailUrl(rui.token))
    const unknown = { username: 'Eva', accountId: 2_000_000_000, generation: 0 }
    await assertClosed(gateway.mailUrl(await tokens.issue(unknown)))
  })

  it('answers with and without a final slash, and takes the cookie where no token is said', async () => {
    const gateway = await on.open()
    const url = `ws://127.0.0.1:${gateway.port}/ws`
    const cookie = `theme=dark; triagem_session=${ana.token}; last=1`
    for (const [path, headers] of [
      [`/?token=${ana.token}`, {}],
      [`?token=${ana.token}`, {}],
      ['/', { cookie }],
      ['', { cookie, origin: 'http://localhost:3000' }],
      [`/?token=${ana.token}`, { cookie: 'triagem_session=garbage' }],
    ] as const)
      await openMailSocket(`${url}${path}`, { headers }).receives('the count', () => true)
    await assertClosed(`${url}/?token=garbage`, { headers: { cookie } })
    await assertClosed(`${url}/`, { headers: { cookie: `not_triagem_session=${ana.token}` } })
    const foreign = { cookie, origin: 'http://evil.example' }
    assert.equal(await handshakeStatus(`${url}/`, { headers: foreign }), 403)
  })

  it('closes the sockets of an account that is disabled while they are open, on every gateway', async () => {
    const gateways = [await on.open(), await on.open()]
    const hers = gateways.map((one) => openMailSocket(one.mailUrl(ana.token)))
    const his = openMailSocket(gateways[0]!.mailUrl(rui.token))
    await Promise.all([...hers, his].map((one) => one.receives('the count', () => true)))
    await updateAccount(on.database, ana, { disabled_at: new Date() })
    await notifyEnded(on.database, ana)
    assert.deepEqual(await Promise.all(hers.map((one) => one.ended)), [1008, 1008])
    await sendMail(on.database, await addPerson(on.database, 'Eva'), rui, 'Um')
    await his.receives('the message', (frame) => frame.event === 'new_message')
  })

  it('closes what was opened before a sign-out everywhere, and not what came after', async () => {
    const gateway = await on.open()
    const before = openMailSocket(gateway.mailUrl(ana.token))
    await before.receives('the count', () => true)
    await updateAccount(on.database, ana, { token_generation: 1 })
    const token = await tokens.issue({ username: 'Ana', accountId: ana.id, generation: 1 })
    const later = openMailSocket(gateway.mailUrl(token))
    await later.receives('the count', () => true)
    await notifyEnded(on.database, ana)
    assert.equal(await before.ended, 1008)
    await sendMail(on.database, rui, ana, 'Um')
    await later.receives('the message', (frame) => frame.event === 'new_message')
  })

  it('does not answer what clients say, and closes with 1008 on a flood', async () => {
    const gateway = await on.open()
    const client = openMailSocket(gateway.mailUrl(ana.token))
    await client.receives('the count', () => true)
    for (const said of ['ping', '{"type":"cancel"}', Buffer.from([0, 1, 2])])
      client.socket.send(said)
    await client.roundTrip()
    await sendMail(on.database, rui, ana, 'Um')
    await client.receives('the message', (frame) => frame.event === 'new_message')
    assert.equal(client.frames().length, 2)
    for (let i = 0; i < 100; i++) client.socket.send('again')
    assert.equal(await client.ended, 1008)
  })

  it('refuses with 429 whoever opens 1,000 in a minute, and nobody else', async () => {
    const gateway = await on.open({ trustedProxies: 1 })
    const open = (address: string, url = gateway.mailUrl(ana.token)) =>
      handshakeStatus(url, { headers: { 'x-forwarded-for': address } })
    const answers: number[] = []
    while (answers.length < 1_000)
      answers.push(...(await Promise.all(Array.from({ length: 50 }, () => open('203.0.113.1')))))
    const accepted = answers.filter((status) => status === 101).length
    const refused = answers.filter((status) => status === 429).length
    // A minute may have turned meanwhile.
    assert.ok([300, 600].includes(accepted), `${accepted} accepted`)
    assert.equal(accepted + refused, 1_000)
    assert.equal(await open('203.0.113.2'), 101)
    const id = await addJob(on.database.db)
    assert.equal(await open('203.0.113.1', gateway.url(id)), 101)
  }).timeout(60_000)

  it('counts its open sockets', async () => {
    const metrics = createMetrics()
    const gateway = await on.open({ metrics })
    const isOpen = async (count: number) =>
      (await metrics.registry.getSingleMetricAsString('triagem_sockets')).includes(
        `path="/ws/"} ${count}`,
      )
    const clients = [1, 2].map(() => openMailSocket(gateway.mailUrl(ana.token)))
    await waitUntil('two are counted', () => isOpen(2))
    for (const { socket } of clients) socket.terminate()
    await waitUntil('none is counted', () => isOpen(0))
  })

  it('drops a socket that never reads, and gives the others every frame', async () => {
    const gateway = await on.open()
    const other = openMailSocket(gateway.mailUrl(rui.token))
    await other.receives('the count', () => true)
    const stuck = connect(gateway.port, '127.0.0.1')
    stuck.write(
      [
        `GET /ws/?token=${rui.token} HTTP/1.1`,
        `Host: 127.0.0.1:${gateway.port}`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
        '\r\n',
      ].join('\r\n'),
    )
    let received = Buffer.alloc(0)
    stuck.on('data', (data: Buffer) => {
      received = Buffer.concat([received, data])
    })
    let hasEnded = false
    stuck.on('end', () => {
      hasEnded = true
    })
    await waitUntil('it has its first frame', () => received.includes('unread_count_updated'))
    stuck.pause()
    // 12 MB: more than the buffers of the system hold for one that doesn't read.
    const [bursts, perBurst] = [40, 150]
    const sealId = randomUUID()
    const place = messagePlace('title', { seal_id: sealId, sender_id: 1, recipient_id: rui.id })
    const title = sealText(keys, 'x'.repeat(2_000), place).toString('base64')
    const epoch = 1_800_000_000_000
    for (let burst = 0; burst < bursts; burst++) {
      const from = 1 + burst * perBurst
      await on.database.pool.query(
        `select pg_notify($1, json_build_object('kind', 'message', 'account', $2::int, 'epoch', $3::bigint,
           'seq', seq, 'unread', seq, 'message', json_build_object('id', seq, 'sender_id', 1,
           'sender_username', 'Ana', 'seal_id', $7::text, 'title', $4::text, 'timestamp', '2026-01-15T00:00:00.000Z'))::text)
         from generate_series($5::int, $6::int) seq`,
        [accountEventsChannel, rui.id, epoch, title, from, from + perBurst - 1, sealId],
      )
      await waitUntil(`burst ${burst}`, () => other.last()?.seq === from + perBurst - 1)
    }
    assert.equal(other.frames().length, 1 + bursts * perBurst)
    stuck.resume()
    // On uWebSockets.js the close frame finds no room either, and the connection just ends.
    await waitUntil('it is let go', () => {
      const closing = received.lastIndexOf('too far behind')
      return hasEnded || (closing > 1 && received.readUInt16BE(closing - 2) === 1013)
    })
    assert.ok(received.length < bursts * perBurst * 2_000)
    stuck.destroy()
  }).timeout(60_000)
})
