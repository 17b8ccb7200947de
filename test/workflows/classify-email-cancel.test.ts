import assert from 'node:assert/strict'
import { Context } from '@temporalio/activity'
import { CancelledFailure } from '@temporalio/common'
import { WorkflowFailedError } from '@temporalio/client'
import type { RecordFailureInput } from '../../activities/record-run.js'
import type { Activities } from '../../activities/index.js'
import { waitUntil } from '../support/wait-until.js'
import {
  type ClassifyEmailRun,
  getSkippingServer,
  newTaskQueue,
  openRealServer,
  startClassifyEmail,
  type StubbedWorker,
  withStubbedWorker,
} from './stubbed-worker.js'

const opened = (source: 'text' | 'pdf', hasProvider: boolean) => () =>
  Promise.resolve({ source, hasProvider })

/** Every step in which a cancel may find a job, and a job that goes through it. */
const steps: readonly {
  title: string
  step: keyof Activities
  openJob?: Activities['openJob']
  seq: number
}[] = [
  { title: 'the look-up', step: 'openJob', seq: 1 },
  { title: 'reading a text', step: 'extractText', seq: 2 },
  { title: 'reading a PDF', step: 'extractText', openJob: opened('pdf', false), seq: 2 },
  { title: 'detecting the language', step: 'detectLanguage', seq: 3 },
  { title: 'classifying', step: 'classify', seq: 4 },
  {
    title: 'asking the provider',
    step: 'classifyWithProvider',
    openJob: opened('text', true),
    seq: 4,
  },
  { title: 'drafting', step: 'draftReply', seq: 5 },
  {
    title: "the provider's draft",
    step: 'draftReplyWithProvider',
    openJob: opened('text', true),
    seq: 5,
  },
]

describe('classifyEmail when it is cancelled', function () {
  this.timeout(60_000)
  // A real server: the one that skips time stops doing so after the cancel of a running activity.
  let server: Awaited<ReturnType<typeof openRealServer>>

  before(async function () {
    this.timeout(180_000)
    server = await openRealServer()
  })
  after(() => server.close())

  for (const { title, step, openJob, seq } of steps)
    it(`records the end and ends cancelled, in ${title}`, async () => {
      const block = createBlock()
      const failures: RecordFailureInput[] = []
      const recordFailure = (input: RecordFailureInput) =>
        Promise.resolve(void failures.push(input))
      const stubs = { ...(openJob && { openJob }), [step]: block.run, recordFailure }
      await withStubbedWorker(server, stubs, async ({ start, calls }) => {
        const run = await start()
        await waitUntil('the step runs', () => block.isRunning())
        await run.cancel()
        await assertCancelled(run)
        block.release()
        assert.deepEqual(
          failures.map(({ error, seq }) => ({ error, seq })),
          [{ error: 'cancelled', seq }],
        )
        assert.equal(calls.at(-1), 'recordFailure')
      })
    })

  it('records the end of one that was cancelled before any worker saw it', async () => {
    const failures: RecordFailureInput[] = []
    const recordFailure = (input: RecordFailureInput) => Promise.resolve(void failures.push(input))
    const taskQueue = newTaskQueue()
    const run = await startClassifyEmail(server, taskQueue)
    await run.cancel()
    const check = async ({ calls }: StubbedWorker) => {
      await assertCancelled(run)
      assert.deepEqual(calls, ['recordFailure'])
      assert.deepEqual(
        failures.map(({ error, seq }) => ({ error, seq })),
        [{ error: 'cancelled', seq: 1 }],
      )
    }
    await withStubbedWorker(server, { recordFailure }, check, taskQueue)
  })

  it('records the end however long that fails', async () => {
    const skipping = await getSkippingServer()
    const taskQueue = newTaskQueue()
    const run = await startClassifyEmail(skipping, taskQueue)
    await run.cancel()
    let attempts = 0
    const recordFailure = () =>
      ++attempts < 12 ? Promise.reject(new Error('connect ECONNREFUSED')) : Promise.resolve()
    const check = async () => {
      await assertCancelled(run)
      assert.equal(attempts, 12)
    }
    await withStubbedWorker(skipping, { recordFailure }, check, taskQueue)
  })

  it('comes too late once the result is being recorded', async () => {
    const recorded = createBlock()
    const stubs = { recordResult: recorded.run }
    await withStubbedWorker(server, stubs, async ({ start, calls }) => {
      const run = await start()
      await waitUntil('the result is being recorded', () => recorded.isRunning())
      await run.cancel()
      await waitUntil('the workflow has heard of it', async () =>
        (await run.fetchHistory()).events?.some(
          (event) => event.workflowExecutionCancelRequestedEventAttributes,
        ),
      )
      recorded.release()
      assert.deepEqual(await run.result(), { outcome: 'completed' })
      assert.ok(!calls.includes('recordFailure'))
    })
  })
})

async function assertCancelled(run: ClassifyEmailRun): Promise<void> {
  await assert.rejects(run.result(), (error) => {
    assert.ok(error instanceof WorkflowFailedError)
    assert.ok(error.cause instanceof CancelledFailure)
    return true
  })
  assert.equal((await run.describe()).status.name, 'CANCELLED')
}

/** An activity that lasts until it hears of the cancel, or until the test lets it go. */
function createBlock() {
  let running = false
  let release = (): void => undefined
  const released = new Promise<void>((resolve) => (release = resolve))
  return {
    isRunning: () => running,
    release: () => release(),
    run: async (): Promise<never> => {
      running = true
      Context.current().heartbeat()
      await Promise.race([released, Context.current().cancelled])
      return undefined as never
    },
  }
}
