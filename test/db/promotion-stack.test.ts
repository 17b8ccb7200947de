import assert from 'node:assert/strict'
import { stackPromotions } from '../../db/promotion-stack.js'

describe('stackPromotions', () => {
  const promote = (id: number) => ({ model_id: id, kind: 'promote' }) as const
  const rollback = (id: number | null) => ({ model_id: id, kind: 'rollback' }) as const

  it('is empty where nothing was promoted', () => {
    assert.deepEqual(stackPromotions([]), [])
  })

  it('lets each rollback take back the newest promotion that none has taken back', () => {
    const rows = [promote(1), promote(2), rollback(1), promote(3), rollback(1)]
    assert.deepEqual(stackPromotions(rows), [1])
    assert.deepEqual(stackPromotions([...rows, rollback(null)]), [])
  })

  it('goes never in a circle, though a model was promoted twice', () => {
    const rows = [promote(1), promote(2), promote(1), rollback(2)]
    assert.deepEqual(stackPromotions(rows), [1, 2])
    assert.deepEqual(stackPromotions([...rows, rollback(1)]), [1])
    assert.deepEqual(stackPromotions([...rows, rollback(1), rollback(null)]), [])
  })
})
