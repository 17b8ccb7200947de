import assert from 'node:assert/strict'
import { createLifecycle } from '../../../commands/processes/lifecycle.js'

describe('the lifecycle of a process', function () {
  this.timeout(15_000)

  it('closes its parts in reverse order, though one fails to', async () => {
    const logged: string[] = []
    const error = (_line: unknown, message?: string) => void logged.push(message ?? '')
    const lifecycle = createLifecycle({ error })
    const closed: string[] = []
    lifecycle.opened('first', 1, () => void closed.push('first'))
    lifecycle.opened('second', 2, () => Promise.reject(new Error('no')))
    lifecycle.opened('third', 3, () => void closed.push('third'))
    await lifecycle.close()
    assert.deepEqual(closed, ['third', 'first'])
    assert.deepEqual(logged, ['Closing the second failed.'])
  })

  it('opens nothing more once it is to end, and closes what came too late', async () => {
    const lifecycle = createLifecycle({ error: () => undefined })
    const closed: string[] = []
    lifecycle.opened('first', 1, () => void closed.push('first'))
    lifecycle.stop(new Error('The end.'))
    assert.throws(() => lifecycle.opened('late', 2, () => void closed.push('late')), /The end\./)
    assert.ok(lifecycle.stopping.aborted)
    await lifecycle.close()
    assert.deepEqual(closed, ['late', 'first'])
  })

  it('closes the rest within 9 s though one part never ends', async () => {
    const lifecycle = createLifecycle({ error: () => undefined })
    const closed: string[] = []
    lifecycle.opened('Temporal server', 1, () => void closed.push('Temporal server'))
    lifecycle.opened('database', 2, () => new Promise(() => undefined))
    const beganMs = performance.now()
    await lifecycle.close()
    assert.deepEqual(closed, ['Temporal server'])
    assert.ok(performance.now() - beganMs < 9_500)
  })
})
