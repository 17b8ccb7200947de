import assert from 'node:assert/strict'
import { once } from 'node:events'
import { interruptible } from '../../../commands/models/interruptible.js'

describe('interruptible', () => {
  it('should end the work on a signal, and say so by 130', async () => {
    const told: string[] = []
    const running = interruptible(
      async (signal) => {
        await once(signal, 'abort')
        signal.throwIfAborted()
        return 0
      },
      (line) => told.push(line),
    )
    process.emit('SIGTERM')
    assert.equal(await running, 130)
    assert.deepEqual(told, ['Interrupted: nothing was kept.'])
  })

  it('should pass on what the work gives and throws, and leave no listener', async () => {
    const before = process.listenerCount('SIGINT')
    const tell = () => assert.fail('nothing to tell')
    assert.equal(await interruptible(() => Promise.resolve(3), tell), 3)
    await assert.rejects(
      interruptible(() => Promise.reject(new Error('x')), tell),
      /^Error: x$/u,
    )
    assert.equal(process.listenerCount('SIGINT'), before)
  })
})
