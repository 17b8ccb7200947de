import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent } from 'node:http'
import { connect, type Socket } from 'node:net'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { sql } from 'kysely'
import { waitUntil } from '../../../support/wait-until.js'
import { assertRefused } from '../../support/assert-refused.js'
import { countRows } from '../../support/count-rows.js'
import { multipart, send } from '../../support/send.js'
import { startApi, type TestApi } from '../../support/start-api.js'

const megabyte = 1024 * 1024

describe('a hostile upload', () => {
  let api: TestApi
  const rejections: unknown[] = []
  const complaints: unknown[] = []
  const onRejection = (reason: unknown) => void rejections.push(reason)
  const { error: printError } = console

  before(async () => {
    api = await startApi()
    process.on('unhandledRejection', onRejection)
    console.error = (line: unknown) => void complaints.push(line)
  })
  after(async () => {
    console.error = printError
    process.off('unhandledRejection', onRejection)
    await api.close()
  })
  afterEach('leaves nothing, and the server whole', async () => {
    assert.equal((await send(api, '/health')).status, 200)
    assert.deepEqual(await countRows(api.database), { runs: 0, keys: 0 })
    assert.deepEqual(rejections, [])
    assert.deepEqual(complaints, [])
  })

  const open = async (): Promise<Socket> => {
    const socket = connect(api.port, '127.0.0.1')
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    return socket
  }
  const head = (headers: readonly string[]) =>
    ['POST /classify-email HTTP/1.1', 'Host: localhost', ...headers, '', ''].join('\r\n')
  const requestsLogged = () =>
    api.logLines.filter((line) => line.includes('"msg":"request"')).length

  const interrupted: Record<string, readonly [type: string, begun: string]> = {
    'in a file': [
      'multipart/form-data; boundary=b',
      '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nBom dia',
    ],
    'in a field': [
      'multipart/form-data; boundary=b',
      '--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nBom dia',
    ],
    'in JSON': ['application/json', '{"text":"Bom dia'],
    'in a form': ['application/x-www-form-urlencoded', 'text=Bom+dia'],
  }
  for (const [where, [type, begun]] of Object.entries(interrupted))
    it(`whose client goes away ${where} is forgotten`, async () => {
      const files = await readdir(tmpdir())
      const logged = requestsLogged()
      const socket = await open()
      socket.write(head([`Content-Type: ${type}`, 'Content-Length: 100000']) + begun)
      await waitUntil(
        'the server has read it',
        () => socket.bytesWritten > 0 && socket.writableLength === 0,
      )
      socket.destroy()
      await waitUntil('the request is over', () => requestsLogged() > logged)
      const left = (await readdir(tmpdir())).filter((name) => !files.includes(name))
      assert.deepEqual(
        left.filter((name) => /^[a-z0-9]{25}/.test(name)),
        [],
      )
    })

  it('whose client goes away before it is read is forgotten', async () => {
    const logged = requestsLogged()
    await api.database.db.transaction().execute(async (trx) => {
      // The limit on POSTs waits for this table, and the reading of the body for the limit.
      await sql`lock table rate_limits in exclusive mode`.execute(trx)
      const socket = await open()
      const type = 'Content-Type: multipart/form-data; boundary=b'
      socket.write(head([type, 'Content-Length: 100000']) + '--b\r\n')
      await waitUntil('all is sent', () => socket.writableLength === 0)
      await send(api, '/')
      socket.destroy()
      await send(api, '/')
      await send(api, '/')
    })
    await waitUntil('the request is over', () => requestsLogged() === logged + 4)
  })

  const garbage: Record<string, readonly [type: string, body: string]> = {
    'names no boundary': ['multipart/form-data', '--b\r\n\r\n'],
    'names an empty boundary': ['multipart/form-data; boundary=', '--\r\n\r\nx\r\n----\r\n'],
    'never uses its boundary': ['multipart/form-data; boundary=b', 'nothing of the kind'],
    'uses another boundary': ['multipart/form-data; boundary=b', '--c\r\n\r\nx\r\n--c--\r\n'],
    'never ends': [
      'multipart/form-data; boundary=b',
      '--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nx',
    ],
    'breaks off in a part’s head': ['multipart/form-data; boundary=b', '--b\r\nContent-Dispo'],
    'has a head without a colon': [
      'multipart/form-data; boundary=b',
      '--b\r\nnonsense\r\n\r\nx\r\n--b--\r\n',
    ],
    'names an unknown transfer encoding': [
      'multipart/form-data; boundary=b',
      '--b\r\nContent-Disposition: form-data; name="text"\r\nContent-Transfer-Encoding: uuencode\r\n\r\nx\r\n--b--\r\n',
    ],
    'is empty': ['multipart/form-data; boundary=b', '\r\n'],
  }
  for (const [what, [type, body]] of Object.entries(garbage))
    it(`that ${what} is refused`, async () => {
      const answer = await send(api, '/classify-email', {
        method: 'POST',
        headers: { 'Content-Type': type },
        body,
      })
      assert.equal(answer.status, 400, answer.text)
    })

  it('with a part that has no name holds nothing to classify', async () => {
    const body = '--b\r\nX-Other: 1\r\n\r\nBom dia\r\n--b--\r\n'
    const headers = { 'Content-Type': 'multipart/form-data; boundary=b' }
    const answer = await send(api, '/classify-email', { method: 'POST', headers, body })
    assertRefused(answer, 400, 'nothing_to_classify')
  })

  it('with a part named as a property of every object is no text', async () => {
    for (const name of ['__proto__', 'constructor', 'toString']) {
      const answer = await send(api, '/classify-email', multipart({ name, body: 'Bom dia' }))
      assertRefused(answer, 400, 'nothing_to_classify')
    }
  })

  it('that announces more than any mail has is refused', async () => {
    const socket = await open()
    socket.write(
      head(['Content-Type: multipart/form-data; boundary=b', 'Content-Length: 9000000000']),
    )
    const [answer] = (await once(socket, 'data')) as [Buffer]
    socket.destroy()
    assert.match(answer.toString(), /^HTTP\/1\.1 413 /)
  })

  it('whose part’s head has no end is refused long before it fills the memory', async () => {
    const socket = await open()
    const answered = once(socket, 'data') as Promise<[Buffer]>
    socket.write(
      head(['Content-Type: multipart/form-data; boundary=b', 'Transfer-Encoding: chunked']),
    )
    const block = 'a'.repeat(megabyte)
    socket.write(chunk(`--b\r\nX-Long: `))
    let sentMegabytes = 0
    const answer = await Promise.race([
      answered,
      (async () => {
        for (; sentMegabytes < 64 && socket.writable; sentMegabytes++)
          if (!socket.write(chunk(block))) await Promise.race([once(socket, 'drain'), answered])
        return undefined
      })(),
    ])
    socket.destroy()
    assert.ok(answer !== undefined, 'no answer after 64 MB')
    assert.match(answer[0].toString(), /^HTTP\/1\.1 413 /)
  })

  it('that was too large leaves its connection usable', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const large = {
      name: 'file',
      filename: 'a.txt',
      type: 'text/plain',
      body: 'a'.repeat(30 * megabyte),
    }
    const refused = await send(api, '/classify-email', { ...multipart(large), agent })
    assertRefused(refused, 413, 'too_large')
    assert.equal((await send(api, '/', { agent })).status, 200)
    agent.destroy()
  })

  it('with headers without end is cut off', async () => {
    const socket = await open()
    // Node 24 resets the connection right after the answer: only the answer itself is waited for.
    const answered = once(socket, 'data') as Promise<[Buffer]>
    socket.write(head([`X-Long: ${'a'.repeat(100_000)}`]))
    const [answer] = await answered
    assert.match(answer.toString(), /^HTTP\/1\.1 431 /)
  })
})

const chunk = (body: string) => `${body.length.toString(16)}\r\n${body}\r\n`
