import assert from 'node:assert/strict'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import { getSkippingServer, withStubbedWorker } from './stubbed-worker.js'

describe('classifyEmail', () => {
  let server: TestWorkflowEnvironment

  before(async function () {
    this.timeout(120_000)
    server = await getSkippingServer()
  })

  it('takes a text through every step and ends completed', async () => {
    await withStubbedWorker(server, {}, async ({ start, calls, reports }) => {
      const run = await start()
      assert.deepEqual(await run.result(), { outcome: 'completed' })
      console.log(calls, reports)
    })
  })
})
