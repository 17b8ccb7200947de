import assert from 'node:assert/strict'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createLocalKey,
  findLocalServer,
  publishLocalServer,
  withdrawLocalServer,
} from '../../../commands/data-dir/local-server.js'

describe('the word that a server leaves in DATA_DIR', () => {
  let dataDir: string
  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'triagem-local-server-'))
  })
  after(() => rm(dataDir, { recursive: true, force: true }))

  it('is read by commands, replaced by the next run and taken back at the end', async () => {
    assert.equal(await findLocalServer(dataDir), undefined)
    for (const url of ['http://127.0.0.1:8000', 'http://[::1]:9000']) {
      const server = { url, key: createLocalKey() }
      await publishLocalServer(dataDir, server)
      assert.deepEqual(await findLocalServer(dataDir), server)
    }
    await withdrawLocalServer(dataDir)
    assert.equal(await findLocalServer(dataDir), undefined)
    await withdrawLocalServer(dataDir)
  })

  it('is for this user of the machine alone', async () => {
    await publishLocalServer(dataDir, { url: 'http://127.0.0.1:8000', key: createLocalKey() })
    const { mode } = await stat(join(dataDir, 'operator-key'))
    assert.equal(mode & 0o777, 0o600)
  })

  it('has a key that is another one each time', () => {
    const keys = new Set(Array.from({ length: 100 }, createLocalKey))
    assert.equal(keys.size, 100)
    for (const key of keys) assert.match(key, /^[\w-]{43}$/)
  })
})
