import assert from 'node:assert/strict'
import { findStart, follows, type Position } from '../../../api/live/position.js'

const at = (epoch: number, seq: number): Position => ({ epoch, seq })
const nothingYet = at(0, 0)

describe('Positions of an event feed', () => {
  it('let only the very next event follow', () => {
    assert.equal(follows(at(5, 4), at(5, 3)), true)
    for (const seen of [at(5, 4), at(5, 2), at(4, 3), at(6, 3)])
      assert.equal(follows(at(5, 4), seen), false)
  })

  it('let the first event of all follow what a reader of an empty list has seen', () => {
    assert.equal(follows(at(5, 1), nothingYet), true)
    assert.equal(follows(at(5, 2), nothingYet), false)
  })

  for (const [title, since, start] of [
    ['nothing', undefined, 9],
    ['the same epoch', at(5, 3), 3],
    ['the same state', at(5, 9), 9],
    ['a state that was never reached', at(5, 10), 9],
    ['another epoch', at(4, 3), 9],
    ['the time before the first change', nothingYet, 0],
  ] as const)
    it(`begin, for a reader that comes with ${title}, after ${start} of 9`, () => {
      assert.equal(findStart(undefined, since, at(5, 9)), start)
    })

  for (const [title, seen, present, start] of [
    ['has seen less', at(5, 3), at(5, 9), 3],
    ['has seen this state', at(5, 9), at(5, 9), undefined],
    ['was told more while the state was read', at(5, 10), at(5, 9), undefined],
    ['has seen the list empty', nothingYet, at(5, 9), 0],
    ['was told the first change while the list was read empty', at(5, 1), nothingYet, undefined],
    ['has seen another epoch', at(4, 20), at(5, 9), 9],
  ] as const)
    it(`go on, for a reader that ${title}, after ${start ?? 'nothing'}`, () => {
      assert.equal(findStart(seen, at(5, 1), present), start)
    })
})
