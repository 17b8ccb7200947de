import assert from 'node:assert/strict'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { createMetrics } from '../../services/adapters/metrics.js'
import { createStepTimer } from '../../workers/worker.js'

describe('step timer', () => {
  it('measures each attempt of a step by how it ended, and passes on its result and its error', async () => {
    const metrics = createMetrics()
    const environment = new MockActivityEnvironment(
      { activityType: 'classify' },
      {
        interceptors: [createStepTimer(metrics)],
        logger: new DefaultLogger('ERROR', () => undefined),
      },
    )
    assert.equal(await environment.run(() => Promise.resolve('done')), 'done')
    await assert.rejects(
      environment.run(() => Promise.reject(new Error('No.'))),
      /No\./,
    )
    await assert.rejects(
      environment.run(() => Promise.reject(new Error('No.'))),
      /No\./,
    )
    const { values } = await metrics.stepSeconds.get()
    const counts = values.flatMap(({ metricName, labels, value }) =>
      metricName?.endsWith('_count') === true ? [[labels.step, labels.outcome, value]] : [],
    )
    assert.deepEqual(counts, [
      ['classify', 'done', 1],
      ['classify', 'failed', 2],
    ])
  })
})
