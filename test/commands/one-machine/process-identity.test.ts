import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import {
  listProcesses,
  readIdentity,
  sameProcess,
  type IdentitySource,
} from '../../../commands/one-machine/process-identity.js'

const sources: readonly (readonly [IdentitySource, string])[] = [
  ['proc', '/proc/self/stat'],
  ['ps', '/bin/ps'],
]

for (const [source, needs] of sources) {
  describe(`process identity from ${source}`, () => {
    before(function () {
      if (!existsSync(needs)) this.skip()
    })

    it('knows a running process, its command and that it stays the same', async () => {
      const child = spawn('sleep', ['4242'])
      await once(child, 'spawn')
      try {
        const identity = await readIdentity(child.pid!, source)
        assert.equal(identity?.command, 'sleep 4242')
        assert.equal(await sameProcess(identity, source), true)
        assert.equal(await sameProcess({ ...identity, startedAt: 'earlier' }, source), false)
        const listed = (await listProcesses(source)).find(({ pid }) => pid === child.pid)
        assert.deepEqual(listed, identity)
      } finally {
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
    })

    it('knows that a process is gone', async () => {
      const child = spawn('sleep', ['4243'])
      await once(child, 'spawn')
      const identity = await readIdentity(child.pid!, source)
      child.kill('SIGKILL')
      await once(child, 'exit')
      assert.ok(identity)
      assert.equal(await readIdentity(child.pid!, source), undefined)
      assert.equal(await sameProcess(identity, source), false)
    })
  })
}
