import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeDataDir } from '../../../commands/data-dir/make-data-dir.js'
import { ConfigError } from '../../../config/values.js'

describe('DATA_DIR', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'triagem-data-dir-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  const modeOf = async (path: string) => (await stat(path)).mode & 0o777
  const refuses = (path: string, reason: RegExp) =>
    assert.rejects(makeDataDir(path), (error: unknown) => {
      assert.ok(error instanceof ConfigError)
      assert.match(error.message, /^DATA_DIR .* can not be used: /)
      assert.match(error.message, reason)
      return true
    })

  it('is made with the folders above it, for its owner alone', async () => {
    const path = join(folder, 'a', 'b')
    await makeDataDir(path)
    await makeDataDir(path)
    assert.equal(await modeOf(path), 0o700)
  })

  it('that others may read is closed to them', async () => {
    const path = join(folder, 'open')
    await mkdir(path, { mode: 0o755 })
    await makeDataDir(path)
    assert.equal((await modeOf(path)) & 0o007, 0)
  })

  it('that can not be made is said in a sentence', async () => {
    const file = join(folder, 'file')
    await writeFile(file, '')
    await refuses(file, /a file is in its place/)
    await refuses(join(file, 'below'), /a file is in its place/)
  })

  it('below /proc is refused, and no loop without end', async function () {
    if (process.platform !== 'linux') this.skip()
    await refuses('/proc/triagem', /no folder can be made there|may not write/)
  })
})
