import assert from 'node:assert/strict'
import { runInNewContext } from 'node:vm'
import { serializeError } from '../../../commands/processes/logger.js'

describe('What a log line tells of an error', () => {
  it('is its type, its message with its causes, its code and its stack', () => {
    const error = new TypeError('It failed', { cause: new Error('because of this') })
    const line = serializeError(Object.assign(error, { code: '57P01', detail: 'a value' }))
    assert.deepEqual(Object.keys(line), ['type', 'message', 'code', 'stack'])
    assert.match(JSON.stringify(line), /TypeError.*It failed: because of this.*57P01/)
  })

  it('is as much of an error of a workflow, where Error is another class', () => {
    const error: unknown = runInNewContext(`new RangeError('too far')`)
    assert.ok(!(error instanceof Error))
    assert.match(JSON.stringify(serializeError(error)), /RangeError.*too far.*stack/)
  })

  it('is what there is, of words and of what only looks like an error', () => {
    assert.deepEqual(serializeError('status: Unavailable'), { message: 'status: Unavailable' })
    const like = { name: 'ActivityFailure', message: 'It failed', cause: { message: 'no disk' } }
    assert.deepEqual(serializeError(like), {
      type: 'ActivityFailure',
      message: 'It failed: no disk',
    })
    assert.deepEqual(serializeError(7), { message: 'not an error' })
  })
})
