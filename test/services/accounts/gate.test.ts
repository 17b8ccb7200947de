import assert from 'node:assert/strict'
import { createGate } from '../../../services/accounts/gate.js'
import { waitUntil } from '../../support/wait-until.js'

describe('createGate', () => {
  const full = new Error('full')
  const refusal = () => full

  /** Tasks that end when they are told to. */
  const openTasks = (atOnce: number, maxWaiting: number) => {
    const gate = createGate({ atOnce, maxWaiting, refusal })
    const started: number[] = []
    const ends = new Map<number, PromiseWithResolvers>()
    const start = (id: number) => {
      const end = withResolvers()
      ends.set(id, end)
      return gate(async () => {
        started.push(id)
        await end.promise
        return id
      })
    }
    return { start, started, ends }
  }

  it('lets in as many as it may, the others in their order', async () => {
    const { start, started, ends } = openTasks(2, 10)
    const tasks = [1, 2, 3, 4].map(start)
    await Promise.resolve()
    assert.deepEqual(started, [1, 2])
    ends.get(2)?.resolve()
    assert.equal(await tasks[1], 2)
    await waitUntil('the third has begun', () => started.length > 2)
    assert.deepEqual(started, [1, 2, 3])
    for (const end of ends.values()) end.resolve()
    assert.deepEqual(await Promise.all(tasks), [1, 2, 3, 4])
  })

  it('refuses one too many, and has room again afterwards', async () => {
    const { start, ends } = openTasks(1, 1)
    const [first, second] = [start(1), start(2)]
    await assert.rejects(start(3), full)
    for (const end of ends.values()) end.resolve()
    assert.deepEqual(await Promise.all([first, second]), [1, 2])
    const fourth = start(4)
    ends.get(4)?.resolve()
    assert.equal(await fourth, 4)
  })

  it('goes on after a task that failed', async () => {
    const { start, ends } = openTasks(1, 5)
    const [failing, next] = [start(1), start(2)]
    ends.get(1)?.reject(new Error('broken'))
    ends.get(2)?.resolve()
    await assert.rejects(failing, /broken/)
    assert.equal(await next, 2)
  })
})

interface PromiseWithResolvers {
  readonly promise: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

function withResolvers(): PromiseWithResolvers {
  let resolve: () => void = () => undefined
  let reject: (error: Error) => void = () => undefined
  const promise = new Promise<void>((res, rej) => {
    resolve = res
    reject = rej
  })
  promise.catch(() => undefined)
  return { promise, resolve: () => resolve(), reject: (error) => reject(error) }
}
