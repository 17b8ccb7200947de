import assert from 'node:assert/strict'
import { describeNodeSupport } from '../../../commands/start.js'

describe('describeNodeSupport', () => {
  it('says in one line that Node 20 gets no more security updates, and what to install', () => {
    const lines = describeNodeSupport('20.20.2')
    assert.equal(lines.length, 1)
    assert.match(lines[0]!, /no security updates since 2026-04-30: install Node 24/)
  })

  it('says nothing of a Node that gets them', () => {
    assert.deepEqual(describeNodeSupport('22.23.3'), [])
    assert.deepEqual(describeNodeSupport('24.21.0'), [])
  })
})
