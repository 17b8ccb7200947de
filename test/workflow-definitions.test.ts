import assert from 'node:assert/strict'
import * as definitions from '../workflow-definitions.js'
import * as workflows from '../workflows/index.js'

describe('workflow definitions', () => {
  it('name exactly the workflows that the bundle exports', () => {
    const types = Object.values(definitions).flatMap((one) => ('summary' in one ? [one.type] : []))
    assert.deepEqual(types.toSorted(), Object.keys(workflows).toSorted())
    for (const workflow of Object.values(workflows)) assert.equal(typeof workflow, 'function')
  })
})
