import assert from 'node:assert/strict'
import { readTemporalLine } from '../../workers/temporal-line.js'

describe('A line of Temporal’s in our log', () => {
  const thrown = (stack: string) => Object.assign(new Error('no disk'), { stack })
  const ofStep = thrown('Error: no disk\n    at write (/app/dist/db/runs.js:7:1)')
  const ofWorkflow = thrown('Error: no disk\n    at asRun (/app/dist/workflow-bundle.js:7:1)')

  it('has the stack of a step at its first attempt alone, and its message always', () => {
    const read = (attempt: number) =>
      readTemporalLine({ activityType: 'classify', attempt, error: ofStep }).err
    assert.equal(read(1), ofStep)
    assert.deepEqual(read(2), { name: 'Error', message: 'no disk', cause: undefined })
  })

  it('has the stack of a workflow where that itself went wrong', () => {
    const read = (error: unknown) => readTemporalLine({ workflowType: 'classifyEmail', error }).err
    assert.equal(read(ofWorkflow), ofWorkflow)
    assert.deepEqual(read(ofStep), { name: 'Error', message: 'no disk', cause: undefined })
    assert.equal(read('status: Unavailable'), 'status: Unavailable')
  })

  it('names its queue and its types, and nothing else', () => {
    const line = readTemporalLine({ taskQueue: 'bulk', workflowId: 'a key', error: undefined })
    assert.deepEqual(line, {
      workflowType: undefined,
      taskQueue: 'bulk',
      activityType: undefined,
      err: undefined,
    })
  })
})
