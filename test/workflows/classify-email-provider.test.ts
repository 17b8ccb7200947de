import assert from 'node:assert/strict'
import { ApplicationFailure } from '@temporalio/common'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import type {
  ClassifyInput,
  DraftReplyInput,
} from '../../services/email-classification/email-result.js'
import { RunOverError } from '../../services/runs/run-over-error.js'
import { getSkippingServer, withStubbedWorker } from './stubbed-worker.js'

const openJob = () => Promise.resolve({ source: 'text', hasProvider: true } as const)
const unavailable = (nextRetryDelay?: number) =>
  ApplicationFailure.create({
    message: 'The inference server answered 503.',
    type: 'provider_failed',
    ...(nextRetryDelay === undefined ? {} : { nextRetryDelay }),
  })

describe('classifyEmail with a provider', function () {
  this.timeout(60_000)
  let server: TestWorkflowEnvironment

  before(async function () {
    this.timeout(180_000)
    server = await getSkippingServer()
  })

  /** An activity that fails `failures` times, and when each attempt came by the server's clock. */
  const failing = (failures: number, failure = () => unavailable()) => {
    const attemptedMs: number[] = []
    return {
      attempt: async () => {
        attemptedMs.push(await server.currentTimeMs())
        if (attemptedMs.length <= failures) throw failure()
      },
      attempts: () => attemptedMs.length,
      pausesSeconds: () =>
        attemptedMs.slice(1).map((ms, index) => Math.round((ms - attemptedMs[index]!) / 1000)),
    }
  }

  it('asks it to classify and to draft', async () => {
    await withStubbedWorker(server, { openJob }, async ({ start, calls }) => {
      assert.deepEqual(await (await start()).result(), { outcome: 'completed' })
      assert.deepEqual(calls, [
        'openJob',
        'extractText',
        'detectLanguage',
        'classifyWithProvider',
        'draftReplyWithProvider',
        'recordResult',
      ])
    })
  })

  it('asks again after 2, 4 and 8 seconds, then answers locally and asks for no draft', async () => {
    const provider = failing(Infinity)
    const classified: ClassifyInput[] = []
    const drafted: DraftReplyInput[] = []
    const stubs = {
      openJob,
      classifyWithProvider: async () => {
        await provider.attempt()
      },
      classify: (input: ClassifyInput) => {
        classified.push(input)
        return Promise.resolve()
      },
      draftReply: (input: DraftReplyInput) => {
        drafted.push(input)
        return Promise.resolve()
      },
    }
    await withStubbedWorker(server, stubs, async ({ start, calls }) => {
      assert.deepEqual(await (await start('job-2')).result(), { outcome: 'completed' })
      assert.deepEqual(provider.pausesSeconds(), [2, 4, 8])
      assert.deepEqual(classified, [{ runId: 'job-2', language: 'pt', degraded: true }])
      assert.deepEqual(drafted, [{ runId: 'job-2', degraded: true }])
      assert.ok(!calls.includes('draftReplyWithProvider'))
    })
  })

  it('takes its answer where it comes at the fourth attempt', async () => {
    const provider = failing(3)
    const classifyWithProvider = async () => {
      await provider.attempt()
    }
    await withStubbedWorker(server, { openJob, classifyWithProvider }, async ({ start, calls }) => {
      assert.deepEqual(await (await start()).result(), { outcome: 'completed' })
      assert.equal(provider.attempts(), 4)
      assert.ok(!calls.includes('classify'))
      assert.ok(calls.includes('draftReplyWithProvider'))
    })
  })

  it('leaves it alone for as long as it asks', async () => {
    const provider = failing(1, () => unavailable(30_000))
    const classifyWithProvider = async () => {
      await provider.attempt()
    }
    await withStubbedWorker(server, { openJob, classifyWithProvider }, async ({ start }) => {
      assert.deepEqual(await (await start()).result(), { outcome: 'completed' })
      assert.deepEqual(provider.pausesSeconds(), [30])
    })
  })

  it('answers locally at once where the provider refuses for good', async () => {
    const classifyWithProvider = () =>
      Promise.reject(ApplicationFailure.nonRetryable('The key was refused.', 'provider_failed'))
    await withStubbedWorker(server, { openJob, classifyWithProvider }, async ({ start, calls }) => {
      assert.deepEqual(await (await start()).result(), { outcome: 'completed' })
      assert.deepEqual(calls.slice(3), [
        'classifyWithProvider',
        'classify',
        'draftReply',
        'recordResult',
      ])
    })
  })

  it('drafts locally, as degraded, where only the draft fails', async () => {
    const provider = failing(Infinity)
    const drafted: DraftReplyInput[] = []
    const stubs = {
      openJob,
      draftReplyWithProvider: async () => {
        await provider.attempt()
      },
      draftReply: (input: DraftReplyInput) => {
        drafted.push(input)
        return Promise.resolve()
      },
    }
    await withStubbedWorker(server, stubs, async ({ start, calls }) => {
      assert.deepEqual(await (await start('job-3')).result(), { outcome: 'completed' })
      assert.deepEqual(provider.pausesSeconds(), [2, 4, 8])
      assert.deepEqual(drafted, [{ runId: 'job-3', degraded: true }])
      assert.ok(!calls.includes('classify'))
    })
  })

  for (const step of ['classifyWithProvider', 'draftReplyWithProvider'] as const)
    it(`does not answer in its place where ${step} finds the job over`, async () => {
      const stubs = { openJob, [step]: () => Promise.reject(new RunOverError()) }
      await withStubbedWorker(server, stubs, async ({ start, calls }) => {
        assert.deepEqual(await (await start()).result(), { outcome: 'over' })
        assert.equal(calls.at(-1), step)
      })
    })
})
