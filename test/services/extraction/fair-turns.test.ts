import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { createFairTurns } from '../../../services/extraction/fair-turns.js'

const never = new AbortController().signal

describe('fair turns', () => {
  /** Work that goes on until it is told to end; `begun` names what has begun, in order. */
  function createWork() {
    const begun: string[] = []
    const ends = new Map<string, () => void>()
    const work = (name: string) => () =>
      new Promise<string>((resolve) => {
        begun.push(name)
        ends.set(name, () => resolve(name))
      })
    const end = async (name: string) => {
      ends.get(name)?.()
      await setImmediate()
    }
    return { begun, work, end }
  }

  it('give each caller a turn, and each caller its own in their order', async () => {
    const turns = createFairTurns(1)
    const { begun, work, end } = createWork()
    const names = ['a1', 'a2', 'a3', 'b1', 'b2', 'c1']
    const all = names.map((name) => turns.run(name.slice(0, 1), never, work(name)))
    for (const name of ['a1', 'b1', 'c1', 'a2', 'b2', 'a3']) {
      await setImmediate()
      assert.equal(begun.at(-1), name)
      await end(name)
    }
    assert.deepEqual(await Promise.all(all), names)
    assert.deepEqual([turns.waiting, turns.running], [0, 0])
  })

  it('never run more at once than was said, also after work that failed', async () => {
    const turns = createFairTurns(2)
    const { begun, work, end } = createWork()
    const failing = turns.run('a', never, () => Promise.reject(new Error('in vain')))
    const others = ['b', 'c', 'd'].map((name) => turns.run(name, never, work(name)))
    await assert.rejects(failing, { message: 'in vain' })
    await setImmediate()
    assert.deepEqual(begun, ['b', 'c'])
    assert.deepEqual([turns.waiting, turns.running], [1, 2])
    for (const name of ['b', 'c', 'd']) await end(name)
    await Promise.all(others)
  })

  it('let one go that waits, and leave one alone that has begun', async () => {
    const turns = createFairTurns(1)
    const { begun, work, end } = createWork()
    const abort = new AbortController()
    const first = turns.run('a', abort.signal, work('first'))
    const second = turns.run('a', abort.signal, work('second'))
    const third = turns.run('b', never, work('third'))
    abort.abort(new Error('cancelled'))
    await assert.rejects(second, { message: 'cancelled' })
    assert.equal(turns.waiting, 1)
    await assert.rejects(turns.run('c', abort.signal, work('late')), { message: 'cancelled' })
    await end('first')
    assert.equal(await first, 'first')
    await end('third')
    await third
    assert.deepEqual(begun, ['first', 'third'])
  })
})
