import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const cli = fileURLToPath(new URL('../cli.js', import.meta.url))

describe('triagem', function () {
  this.timeout(60_000)
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'triagem-cli-'))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  it('runs through the link that npm makes of it', async () => {
    const link = join(folder, 'triagem')
    await symlink(cli, link)
    const { stderr } = await run(process.execPath, [link, 'help'])
    assert.match(stderr, /^Usage: triagem COMMAND/)
  })

  it('refuses an unknown command and an unknown queue', async () => {
    await assert.rejects(run(process.execPath, [cli, 'dance']), { code: 2 })
    await assert.rejects(run(process.execPath, [cli, 'worker', '--queue', 'x']), {
      code: 1,
      stderr: /--queue x is not known: interactive or outside or files or bulk/,
    })
    await assert.rejects(run(process.execPath, [cli, 'user', 'dance']), {
      code: 1,
      stderr: /^Usage: triagem user COMMAND/,
    })
    for (const command of ['evaluate', 'train'])
      await assert.rejects(run(process.execPath, [cli, command, 'dance']), {
        code: 1,
        stdout: '',
        stderr:
          /^dance is no task: email, transactions, texts\.\n\nUsage: triagem (?:evaluate|train) TASK/,
      })
  })

  it('reads a password from standard input, and makes one where there is none', async () => {
    const env = { ...process.env, DATA_DIR: join(folder, 'data'), DATABASE_URL: '' }
    const add = (name: string, typed: string) => {
      const adding = run(process.execPath, [cli, 'user', 'add', name], { cwd: folder, env })
      adding.child.stdin?.end(typed)
      return adding
    }
    const given = await add('ana', 'uma senha boa\r\nand more\n')
    assert.equal(given.stdout, 'Account 1 is made, with the role user.\n')
    await assert.rejects(add('bruno', 'seven77\n'), { code: 1, stderr: /at least 8 characters/ })
    for (const nothing of ['', '\n']) {
      const { stdout } = await add(`carla${nothing.length}`, nothing)
      assert.match(stdout, /shown this once: \S{16,}\n$/)
    }
  })
})
