import assert from 'node:assert/strict'
import { declareErrors, mergeErrors } from '../../../api/http/common-errors.js'

const full = { status: 409, pt: 'Está cheio.', en: 'It is full.' }

describe('errors that subjects declare', () => {
  it('have the key under which they are written as their code', () => {
    const errors = declareErrors({ shelf_full: full })
    assert.deepEqual(errors, { shelf_full: { ...full, code: 'shelf_full' } })
  })

  it('are found by their code, whichever subject they belong to', () => {
    const merged = mergeErrors([
      declareErrors({ shelf_full: full }),
      declareErrors({ box_full: { ...full, status: 507 } }),
    ])
    assert.equal(merged.get('box_full')?.status, 507)
    assert.equal(merged.get('shelf_full')?.status, 409)
    assert.equal(merged.get('constructor'), undefined)
  })

  it('are refused where two subjects declare the same code', () => {
    const table = () => declareErrors({ shelf_full: full })
    assert.throws(() => mergeErrors([table(), table()]), /The error shelf_full is declared twice/)
  })
})
