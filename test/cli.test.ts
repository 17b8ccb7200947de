import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { packageRoot } from '../package-root.js'

const run = promisify(execFile)

describe('triagem', function () {
  this.timeout(20_000)
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'triagem-cli-'))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  it('runs through the link that npm makes of it', async () => {
    const link = join(folder, 'triagem')
    await symlink(join(packageRoot, 'dist', 'cli.js'), link)
    const { stderr } = await run(process.execPath, [link, 'help'])
    assert.match(stderr, /^Usage: triagem COMMAND/)
  })

  it('refuses an unknown command and an unknown queue', async () => {
    const cli = join(packageRoot, 'dist', 'cli.js')
    await assert.rejects(run(process.execPath, [cli, 'dance']), { code: 2 })
    await assert.rejects(run(process.execPath, [cli, 'worker', '--queue', 'x']), {
      code: 1,
      stderr: /--queue x is not known: interactive or bulk/,
    })
  })
})
