import assert from 'node:assert/strict'
import { decide } from '../../../engine/model/judge.js'

const single = { groups: ['a', 'b', 'c'], groupOf: [0, 1, 2] }
const paired = { groups: ['a', 'b'], groupOf: [0, 0, 1] }
const unblended = { blend: 1, offsets: [], temperature: 0.2 }
const sum = (shares: Float64Array) => shares.reduce((total, share) => total + share, 0)

describe('decide', () => {
  it('should be less sure of a text that no label is sure of, and decide alike', () => {
    const strange = Float64Array.of(-0.7, -1.2, -1.3)
    const lone = decide(strange, single, { ...unblended, noneScore: null })
    const wary = decide(strange, single, { ...unblended, noneScore: -0.4 })
    assert.equal(lone.group, 0)
    assert.equal(wary.group, 0)
    assert.ok(lone.share > 0.8 && wary.share < 0.2, `${lone.share}, ${wary.share}`)
    assert.ok(Math.abs(sum(lone.ofGroups) - 1) < 1e-9)
    assert.ok(sum(wary.ofGroups) < 1)
  })

  it('should stay as sure of a text that one label is sure of', () => {
    const known = Float64Array.of(1, -1, -1)
    const { share } = decide(known, single, { ...unblended, noneScore: -0.4 })
    assert.ok(share > 0.99, `${share}`)
  })

  it('should decide where all shares are too small for a number', () => {
    const cold = { ...unblended, temperature: 0.001, noneScore: 2 }
    const { group, share } = decide(Float64Array.of(-1, -0.5, -1), single, cold)
    assert.equal(group, 1)
    assert.equal(share, 0)
  })

  it('should weigh groups by their offsets, and leave the scores as they are', () => {
    const scores = Float64Array.of(0.1, -0.5, 0.2)
    const temperatures = { blend: 0.3, temperature: 0.2, noneScore: null }
    assert.equal(decide(scores, paired, { ...temperatures, offsets: [0, 0.5] }).group, 1)
    assert.equal(decide(scores, paired, { ...temperatures, offsets: [0.5, 0] }).group, 0)
    assert.deepEqual([...scores], [0.1, -0.5, 0.2])
    decide(scores, single, { ...unblended, offsets: [1, 0, 0], noneScore: null })
    assert.deepEqual([...scores], [0.1, -0.5, 0.2])
  })
})
