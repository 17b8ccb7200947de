import assert from 'node:assert/strict'
import pg from 'pg'
import { createBatchWriter } from '../../db/batch-writer.js'

const refusal = (code: string) => Object.assign(new pg.DatabaseError('no', 0, 'error'), { code })

describe('createBatchWriter', () => {
  it('gives each its own result, however many of a call they are', async () => {
    const calls: number[][] = []
    const write = createBatchWriter((items: readonly number[]) => {
      calls.push([...items])
      return Promise.resolve(items.map((item) => item * 10))
    })
    assert.deepEqual(await Promise.all([1, 2, 3].map(write)), [10, 20, 30])
    assert.equal(await write(4), 40)
    assert.deepEqual(calls, [[1], [2, 3], [4]])
  })

  it('gathers what comes while a call is under way, so much at once and no more', async () => {
    const calls: number[][] = []
    let release: (() => void) | undefined
    const write = createBatchWriter(
      async (items: readonly number[]) => {
        calls.push([...items])
        if (calls.length === 1) await new Promise<void>((resolve) => (release = resolve))
        return items
      },
      { atOnce: 2 },
    )
    const first = write(1)
    const rest = [2, 3, 4].map(write)
    release?.()
    assert.deepEqual(await Promise.all([first, ...rest]), [1, 2, 3, 4])
    assert.deepEqual(calls, [[1], [2, 3], [4]])
  })

  it('tries each by itself where the database refused all', async () => {
    const write = createBatchWriter((items: readonly number[]) =>
      items.includes(2) ? Promise.reject(refusal('22003')) : Promise.resolve(items),
    )
    const outcomes = await Promise.allSettled([0, 1, 2, 3].map(write))
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
    )
  })

  for (const [what, error] of [
    ['what broke on the way', new Error('Connection terminated unexpectedly')],
    ['a server that is going down', refusal('57P01')],
  ] as const)
    it(`writes nothing twice: ${what} fails all of a call`, async () => {
      let calls = 0
      const write = createBatchWriter(() => {
        calls++
        return Promise.reject(error)
      })
      const outcomes = await Promise.allSettled([1, 2, 3].map(write))
      assert.deepEqual(
        outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason === error),
        [true, true, true],
      )
      assert.equal(calls, 2)
    })

  it('goes on after a failure', async () => {
    let isAway = true
    const write = createBatchWriter((items: readonly number[]) =>
      isAway ? Promise.reject(new Error('away')) : Promise.resolve(items),
    )
    await assert.rejects(write(1), /away/)
    isAway = false
    assert.equal(await write(2), 2)
  })
})
