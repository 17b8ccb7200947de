import assert from 'node:assert/strict'
import { createWorkLoop } from '../../db/work-loop.js'

describe('createWorkLoop', () => {
  /** Takes all that waits; each piece ends when it is told to. */
  function open() {
    const waiting: number[] = []
    const pieces: number[][] = []
    const ends: (() => void)[] = []
    const wake = createWorkLoop({
      hasWork: () => waiting.length > 0,
      work: () => {
        pieces.push(waiting.splice(0))
        return new Promise((resolve) => ends.push(resolve))
      },
    })
    const add = (item: number) => {
      waiting.push(item)
      wake()
    }
    const end = async () => {
      ends.shift()?.()
      await new Promise(setImmediate)
    }
    return { add, end, wake, pieces }
  }

  it('begins at once, and makes one piece of what comes meanwhile', async () => {
    const { add, end, pieces } = open()
    for (const item of [1, 2, 3]) add(item)
    assert.deepEqual(pieces, [[1]])
    await end()
    assert.deepEqual(pieces, [[1], [2, 3]])
  })

  it('rests when nothing waits, and begins again', async () => {
    const { add, end, wake, pieces } = open()
    wake()
    assert.deepEqual(pieces, [])
    add(1)
    await end()
    add(2)
    assert.deepEqual(pieces, [[1], [2]])
  })
})
