import assert from 'node:assert/strict'
import { signClientAddress, tunnelHeaders } from '../../../api/live/tunnel.js'
import { createKeyedHash } from '../../../db/key-ring.js'
import { addJob, describeGateway, sign } from '../../support/gateway.js'
import { handshakeStatus, openSocket } from '../../support/socket-client.js'
import { waitUntil } from '../../support/wait-until.js'

describeGateway('The gateway, at the handshake', (on) => {
  let id: string
  beforeEach(async () => {
    id = await addJob(on.database.db)
  })
  it('refuses with 421 a name that is not ours', async () => {
    const gateway = await on.open()
    for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1@evil.example', '%%'])
      assert.equal(await handshakeStatus(gateway.url(id), { headers: { host } }), 421, host)
    assert.equal(
      await handshakeStatus(gateway.url(id), { headers: { host: 'localhost:8000' } }),
      101,
    )
  })

  it('refuses with 403 a page of another origin', async () => {
    const gateway = await on.open()
    for (const origin of ['http://evil.example', 'null', 'http://localhost:3000.evil.example'])
      assert.equal(await handshakeStatus(gateway.url(id), { headers: { origin } }), 403, origin)
    assert.equal(await handshakeStatus(gateway.url(id), { origin: 'http://localhost:3000' }), 101)
    assert.equal(
      await handshakeStatus(gateway.url(id), {
        headers: { origin: 'http://localhost:8000', host: 'localhost:8000' },
      }),
      101,
    )
  })

  it('refuses with 404 a path that is none of its own', async () => {
    const { port } = await on.open()
    for (const path of [
      '/',
      '/wss/',
      '/ws/x',
      '//ws/',
      '/ws/job-status/',
      `/ws/job-status/${id}/x`,
      '/ws/job-status/%2e%2e/x',
      `/ws/job-status/${'a'.repeat(201)}`,
    ])
      assert.equal(await handshakeStatus(`ws://127.0.0.1:${port}${path}`), 404, path)
    for (const path of [`/ws/job-status/${id}/`, `/ws/job-status/${id}?since=1&epoch=2`])
      assert.equal(await handshakeStatus(`ws://127.0.0.1:${port}${path}`), 101, path)
  })

  it('answers a request that asks for no socket with 426', async () => {
    const { port } = await on.open()
    for (const method of ['GET', 'POST', 'DELETE']) {
      const response = await fetch(`http://127.0.0.1:${port}/ws/job-status/${id}`, { method })
      assert.equal(response.status, 426, method)
    }
  })

  it('accepts as many sockets of one address as the limit says, and more when one goes', async () => {
    const gateway = await on.open({ socketsPerAddress: 2 })
    const clients = [openSocket(gateway.url(id)), openSocket(gateway.url(id))]
    await Promise.all(clients.map((one) => one.receives('the first', () => true)))
    assert.equal(await handshakeStatus(gateway.url(id)), 429)
    clients[0]!.socket.close()
    await clients[0]!.ended
    await waitUntil(
      'one more is let in',
      async () => (await handshakeStatus(gateway.url(id))) === 101,
    )
  })

  it('counts what comes through the tunnel by the address that the tunnel signed', async () => {
    const older = createKeyedHash('the key before')
    const gateway = await on.open({
      socketsPerAddress: 1,
      signatures: [createKeyedHash('the newest key'), sign, older],
    })
    const open = async (address: string, signer = sign) =>
      openSocket(gateway.url(id), {
        // ws makes its own key, and lets it be replaced only here.
        finishRequest: (request) => {
          const key = String(request.getHeader('sec-websocket-key'))
          request.setHeader(tunnelHeaders.client, address)
          request.setHeader(tunnelHeaders.signature, signClientAddress(signer, address, key))
          request.end()
        },
      }).receives('the first', () => true)
    await open('203.0.113.1')
    await open('203.0.113.2', older)
    // Our own address has none yet, the two above are full.
    assert.equal(await handshakeStatus(gateway.url(id)), 101)
    const again = handshakeStatus(gateway.url(id), {
      finishRequest: (request) => {
        const key = String(request.getHeader('sec-websocket-key'))
        request.setHeader(tunnelHeaders.client, '203.0.113.1')
        request.setHeader(tunnelHeaders.signature, signClientAddress(sign, '203.0.113.1', key))
        request.end()
      },
    })
    assert.equal(await again, 429)
  })

  it('ignores an address that somebody else signed, or signed for another handshake', async () => {
    const gateway = await on.open({ socketsPerAddress: 1 })
    await openSocket(gateway.url(id)).receives('the first', () => true)
    const address = '203.0.113.1'
    for (const signature of [
      signClientAddress(createKeyedHash('not our key'), address, ''),
      signClientAddress(sign, address, 'dGhlIHNhbXBsZSBub25jZQ=='),
      '',
    ])
      assert.equal(
        await handshakeStatus(gateway.url(id), {
          headers: { [tunnelHeaders.client]: address, [tunnelHeaders.signature]: signature },
        }),
        429,
      )
  })

  it('believes X-Forwarded-For only as far as proxies are trusted', async () => {
    const untrusting = await on.open({ socketsPerAddress: 1 })
    await openSocket(untrusting.url(id)).receives('the first', () => true)
    const headers = { 'x-forwarded-for': '203.0.113.1' }
    assert.equal(await handshakeStatus(untrusting.url(id), { headers }), 429)

    const behindOne = await on.open({ socketsPerAddress: 1, trustedProxies: 1 })
    const forwarded = (value: string | string[]) => ({
      headers: { 'x-forwarded-for': value } as unknown as Record<string, string>,
    })
    const first = openSocket(behindOne.url(id), forwarded('198.51.100.9, 203.0.113.1'))
    await first.receives('the first', () => true)
    const status = (value: string | string[]) =>
      handshakeStatus(behindOne.url(id), forwarded(value))
    assert.equal(await status('203.0.113.1'), 429)
    assert.equal(await status('made up, 203.0.113.1'), 429)
    // A proxy that adds a line of its own rather than to the one that the client sent.
    assert.equal(await status(['198.51.100.77', '203.0.113.1']), 429)
    assert.equal(await status('203.0.113.2'), 101)
  })
})
