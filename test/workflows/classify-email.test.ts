import assert from 'node:assert/strict'
import type { TestWorkflowEnvironment } from '@temporalio/testing'
import { failuresOf } from '../../activities/failures.js'
import type { RecordFailureInput, RecordResultInput } from '../../activities/record-run.js'
import type { ClassificationError } from '../../db/schema/email-classification.js'
import { RunOverError } from '../../services/runs/run-over-error.js'
import {
  type ExtractionCode,
  extractionSentences,
} from '../../services/extraction/extraction-errors.js'
import { getSkippingServer, withStubbedWorker } from './stubbed-worker.js'

const permanentFailure = failuresOf<ClassificationError>()
const runOver = () => Promise.reject(new RunOverError())

describe('classifyEmail', function () {
  this.timeout(60_000)
  let server: TestWorkflowEnvironment

  before(async function () {
    this.timeout(180_000)
    server = await getSkippingServer()
  })

  it('takes a text through every step and ends completed', async () => {
    const results: RecordResultInput[] = []
    const recordResult = (input: RecordResultInput) => Promise.resolve(void results.push(input))
    await withStubbedWorker(server, { recordResult }, async ({ start, calls, reports }) => {
      const run = await start('job-1')
      assert.deepEqual(await run.result(), { outcome: 'completed' })
      assert.deepEqual(calls, [
        'openJob',
        'extractText',
        'detectLanguage',
        'classify',
        'draftReply',
        'recordResult',
      ])
      const { startTime } = await run.describe()
      const epoch = startTime.getTime()
      const ofAny = { id: 'job-1', kind: 'classification', status: 'running', epoch }
      const counts = { done: null, total: null }
      assert.deepEqual(reports, [
        { ...ofAny, ...counts, step: 'starting', progress: 5, seq: 1 },
        { ...ofAny, ...counts, step: 'extracting_text', progress: 15, seq: 2 },
        { ...ofAny, ...counts, step: 'detecting_language', progress: 35, seq: 3 },
        { ...ofAny, ...counts, step: 'classifying', progress: 45, seq: 4 },
        { ...ofAny, ...counts, step: 'generating_response', progress: 70, seq: 5 },
      ])
      assert.deepEqual(results, [{ runId: 'job-1', epoch, seq: 5 }])
    })
  })

  it('reads a PDF outside the workflow task', async () => {
    const openJob = () => Promise.resolve({ source: 'pdf', hasProvider: false } as const)
    await withStubbedWorker(server, { openJob }, async ({ start }) => {
      const run = await start()
      assert.deepEqual(await run.result(), { outcome: 'completed' })
      const { events } = await run.fetchHistory()
      const scheduled = events?.flatMap((event) => event.activityTaskScheduledEventAttributes ?? [])
      assert.deepEqual(
        scheduled?.map(({ activityType, taskQueue }) => [activityType?.name, taskQueue?.name]),
        [['extractText', 'files']],
      )
    })
  })

  it('tries a step again that failed', async () => {
    let attempts = 0
    const detectLanguage = () =>
      ++attempts < 3
        ? Promise.reject(new Error('The connection was lost.'))
        : Promise.resolve({ language: 'en' } as const)
    await withStubbedWorker(server, { detectLanguage }, async ({ start }) => {
      const run = await start()
      assert.deepEqual(await run.result(), { outcome: 'completed' })
      assert.equal(attempts, 3)
      const { events } = await run.fetchHistory()
      const pauses = events?.filter(({ timerStartedEventAttributes: timer }) => timer)
      assert.equal(pauses?.length, 2, 'none of the pauses is the worker’s own')
    })
  })

  it('reads a PDF again for as long as the machine fails it', async () => {
    const openJob = () => Promise.resolve({ source: 'pdf', hasProvider: false } as const)
    let attempts = 0
    const extractText = () =>
      ++attempts < 6
        ? Promise.reject(new Error('The reader could not be started.'))
        : Promise.resolve()
    await withStubbedWorker(server, { openJob, extractText }, async ({ start }) => {
      assert.deepEqual(await (await start()).result(), { outcome: 'completed' })
      assert.equal(attempts, 6)
    })
  })

  it('outlasts a database that is away for ten minutes', async () => {
    const startedMs = await server.currentTimeMs()
    const classify = async () => {
      if ((await server.currentTimeMs()) - startedMs < 600_000)
        throw new Error('connect ECONNREFUSED')
    }
    await withStubbedWorker(server, { classify }, async ({ start }) => {
      assert.deepEqual(await (await start()).result(), { outcome: 'completed' })
      assert.ok((await server.currentTimeMs()) - startedMs >= 600_000)
    })
  })

  it('does not try a defect of ours again', async () => {
    const detectLanguage = () => Promise.reject(new TypeError('x is undefined'))
    const failures: RecordFailureInput[] = []
    const recordFailure = (input: RecordFailureInput) => Promise.resolve(void failures.push(input))
    await withStubbedWorker(server, { detectLanguage, recordFailure }, async ({ start, calls }) => {
      await assert.rejects((await start()).result(), { name: 'WorkflowFailedError' })
      assert.deepEqual(calls, ['openJob', 'extractText', 'detectLanguage', 'recordFailure'])
      assert.equal(failures[0]?.error, 'internal')
    })
  })

  it('ends the job with the cause of each permanent failure, and is itself no failure', async () => {
    const codes = Object.keys(extractionSentences) as ExtractionCode[]
    const failures: RecordFailureInput[] = []
    const recordFailure = (input: RecordFailureInput) => Promise.resolve(void failures.push(input))
    const extractText = ({ runId }: { runId: string }) =>
      Promise.reject(
        permanentFailure(codes[Number(runId.split('-').at(-1))]!, 'The file can not be read.'),
      )
    await withStubbedWorker(server, { extractText, recordFailure }, async ({ start, calls }) => {
      for (const [index, error] of codes.entries()) {
        const run = await start(`cause-${index}`)
        assert.deepEqual(await run.result(), { outcome: 'failed', error })
        assert.equal(failures.at(-1)?.error, error)
      }
      assert.equal(codes.length, 9)
      assert.equal(calls.filter((call) => call === 'extractText').length, codes.length)
      assert.ok(!calls.includes('detectLanguage'))
    })
  })

  it('fails as internal by what no step called permanent', async () => {
    const failures: RecordFailureInput[] = []
    const recordFailure = (input: RecordFailureInput) => Promise.resolve(void failures.push(input))
    const classify = () => Promise.reject(new SyntaxError('Not what it should be.'))
    await withStubbedWorker(server, { classify, recordFailure }, async ({ start }) => {
      await assert.rejects((await start()).result(), { name: 'WorkflowFailedError' })
      assert.deepEqual(
        failures.map(({ error, seq }) => ({ error, seq })),
        [{ error: 'internal', seq: 4 }],
      )
    })
  })

  it('tries to record a failure until it is recorded', async () => {
    let attempts = 0
    const extractText = () =>
      Promise.reject(permanentFailure('not_text', 'The file can not be read.'))
    const recordFailure = () =>
      ++attempts < 12 ? Promise.reject(new Error('connect ECONNREFUSED')) : Promise.resolve()
    await withStubbedWorker(server, { extractText, recordFailure }, async ({ start }) => {
      assert.deepEqual(await (await start()).result(), { outcome: 'failed', error: 'not_text' })
      assert.equal(attempts, 12)
    })
  })

  it('does nothing for a job that is over or gone', async () => {
    await withStubbedWorker(server, { openJob: () => Promise.resolve(null) }, async (worker) => {
      assert.deepEqual(await (await worker.start()).result(), { outcome: 'over' })
      assert.deepEqual(worker.calls, ['openJob'])
      assert.deepEqual(
        worker.reports.map(({ step }) => step),
        ['starting'],
      )
    })
  })

  for (const step of [
    'extractText',
    'detectLanguage',
    'classify',
    'draftReply',
    'recordResult',
  ] as const)
    it(`stops without effect where ${step} finds the job over`, async () => {
      await withStubbedWorker(server, { [step]: runOver }, async ({ start, calls }) => {
        assert.deepEqual(await (await start()).result(), { outcome: 'over' })
        assert.equal(calls.at(-1), step)
      })
    })
})
