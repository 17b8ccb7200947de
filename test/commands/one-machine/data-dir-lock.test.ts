import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  acquireDataDirLock,
  DataDirInUseError,
  findDataDirHolder,
} from '../../../commands/one-machine/data-dir-lock.js'
import { readIdentity } from '../../../commands/one-machine/process-identity.js'
import { makeFolder } from './support.js'

const lockHolder = fileURLToPath(new URL('lock-holder.js', import.meta.url))

describe('DATA_DIR lock', function () {
  this.timeout(60_000)
  let folder: Awaited<ReturnType<typeof makeFolder>>
  let dataDir: string

  beforeEach(async () => {
    folder = await makeFolder()
    dataDir = join(folder.path, 'data')
  })
  afterEach(() => folder.remove())

  const leaveLock = async (content: string) => {
    const lock = await acquireDataDirLock(dataDir)
    await lock.release()
    await writeFile(join(dataDir, 'server.lock'), content)
  }
  const goneHolder = JSON.stringify({ pid: 2 ** 22 + 1, startedAt: 'never' })

  it('makes the folder, holds it and leaves nothing behind when released', async () => {
    assert.equal(await findDataDirHolder(dataDir), undefined)
    const lock = await acquireDataDirLock(dataDir)
    assert.equal((await findDataDirHolder(dataDir))?.pid, process.pid)
    await lock.release()
    assert.deepEqual(await readdir(dataDir), [])
  })

  it('released twice does not take the lock from the next holder', async () => {
    const first = await acquireDataDirLock(dataDir)
    await first.release()
    const second = await acquireDataDirLock(dataDir)
    await first.release()
    await assert.rejects(acquireDataDirLock(dataDir), DataDirInUseError)
    await second.release()
  })

  it('refuses a second start in one line that names the pid and DATA_DIR', async () => {
    const holder = await startHolder(dataDir)
    try {
      await assert.rejects(acquireDataDirLock(dataDir), (error) => {
        assert.ok(error instanceof DataDirInUseError)
        assert.equal(error.pid, holder.pid)
        assert.match(error.message, new RegExp(`^.*DATA_DIR.*\\b${holder.pid}\\b.*$`))
        return true
      })
    } finally {
      await killAndWait(holder)
    }
  })

  it('goes to the next start after its holder was killed with -9', async () => {
    await killAndWait(await startHolder(dataDir))
    assert.match(await readFile(join(dataDir, 'server.lock'), 'utf8'), /startedAt/)
    const lock = await acquireDataDirLock(dataDir)
    await lock.release()
  })

  it('is stale when its pid belongs to another process by now', async () => {
    const self = await readIdentity(process.pid)
    await leaveLock(JSON.stringify({ ...self, startedAt: 'another start' }))
    const lock = await acquireDataDirLock(dataDir)
    await lock.release()
  })

  it('is stale when it cannot be read as a lock', async () => {
    for (const content of ['', '{', '{"pid":-1,"startedAt":""}', 'null']) {
      await leaveLock(content)
      const lock = await acquireDataDirLock(dataDir)
      await lock.release()
    }
  })

  it('survives a starter that died while it replaced a stale lock', async () => {
    await leaveLock(goneHolder)
    await writeFile(join(dataDir, 'server.lock.takeover'), goneHolder)
    const lock = await acquireDataDirLock(dataDir)
    assert.deepEqual(await readdir(dataDir), ['server.lock'])
    await lock.release()
  })

  it('goes to exactly one of many that find it stale at once, in one process', async () => {
    for (let round = 0; round < 20; round += 1) {
      await leaveLock(goneHolder)
      const tries = await Promise.allSettled(
        Array.from({ length: 10 }, () => acquireDataDirLock(dataDir)),
      )
      const locks = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
      assert.equal(locks.length, 1)
      for (const one of tries) {
        if (one.status === 'rejected') assert.ok(one.reason instanceof DataDirInUseError)
      }
      await locks[0]?.release()
    }
  })

  it('goes to exactly one of several processes that find it stale at once', async () => {
    await leaveLock(goneHolder)
    const children = Array.from({ length: 4 }, () => spawnHolder(dataDir))
    try {
      const answers = await Promise.all(children.map(readAnswer))
      assert.deepEqual(answers.sort(), ['held', 'refused', 'refused', 'refused'])
    } finally {
      await Promise.all(children.map(killAndWait))
    }
  })
})

function spawnHolder(dataDir: string) {
  return spawn(process.execPath, [lockHolder, dataDir], { stdio: ['pipe', 'pipe', 'inherit'] })
}

async function startHolder(dataDir: string) {
  const child = spawnHolder(dataDir)
  assert.equal(await readAnswer(child), 'held')
  return child
}

async function readAnswer(child: ReturnType<typeof spawnHolder>): Promise<string> {
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer]
  return chunk.toString().trim()
}

async function killAndWait(child: ReturnType<typeof spawnHolder>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}
