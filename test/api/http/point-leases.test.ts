import assert from 'node:assert/strict'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { createPointLeases } from '../../../api/http/rate-limits.js'
import { waitUntil } from '../../support/wait-until.js'

describe('createPointLeases', () => {
  /** Two processes on one counter. */
  const open = (points: number, duration = 60) => {
    let asked = 0
    const counter = new RateLimiterMemory({ points, duration })
    const limiter = {
      consume: (key: string | number, taken?: number) => {
        asked++
        return counter.consume(key, taken)
      },
    }
    return {
      take: [createPointLeases(limiter, points), createPointLeases(limiter, points)] as const,
      asked: () => asked,
    }
  }
  const isRefused = (error: unknown) => error instanceof RateLimiterRes

  it('asks the shared counter once for a five-hundredth of the limit', async () => {
    const { take, asked } = open(5_000)
    for (let turn = 0; turn < 100; turn++) await take[0]('somebody')
    assert.equal(asked(), 10)
  })

  it('gives no more than the limit, over all processes', async () => {
    const { take } = open(1_000)
    let taken = 0
    for (let turn = 0; turn < 600; turn++)
      for (const one of take)
        taken += await one('somebody').then(
          () => 1,
          () => 0,
        )
    assert.equal(taken, 1_000)
  })

  it('counts each by itself where the limit is small', async () => {
    const { take } = open(3)
    await take[0]('somebody')
    await take[1]('somebody')
    await take[0]('somebody')
    await assert.rejects(take[1]('somebody'), isRefused)
    await take[1]('somebody else')
  })

  it('loses nothing of what is taken at the same time', async () => {
    const { take } = open(1_000)
    await Promise.all(Array.from({ length: 100 }, () => take[0]('somebody')))
    for (let turn = 100; turn < 1_000; turn++) await take[0]('somebody')
    await assert.rejects(take[0]('somebody'), isRefused)
  })

  it('asks again when the window has ended, whatever is left', async () => {
    const { take, asked } = open(5_000_000, 0.05)
    await take[0]('somebody')
    await take[0]('somebody')
    assert.equal(asked(), 1)
    await waitUntil('the counter was asked again', async () => {
      await take[0]('somebody')
      return asked() > 1
    })
  })
})
