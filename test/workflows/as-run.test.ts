import assert from 'node:assert/strict'
import { Context } from '@temporalio/activity'
import { runAttributes } from '../../workflow-ids.js'
import { failuresOf } from '../../activities/failures.js'
import type { ClassificationError } from '../../db/schema/email-classification.js'
import { RunOverError } from '../../services/runs/run-over-error.js'
import { waitUntil } from '../support/wait-until.js'
import { type ClassifyEmailRun, openRealServer, withStubbedWorker } from './stubbed-worker.js'

const metadataQuery = '__temporal_workflow_metadata'
const withProvider = () => Promise.resolve({ source: 'text', hasProvider: true } as const)

const permanentFailure = failuresOf<ClassificationError>()

describe('asRun', function () {
  this.timeout(30_000)
  let server: Awaited<ReturnType<typeof openRealServer>>

  before(async function () {
    this.timeout(180_000)
    server = await openRealServer()
  })
  after(() => server.close())

  const readState = async (run: ClassifyEmailRun) =>
    (await run.describe()).typedSearchAttributes
      .getAll()
      .find(({ key }) => key.name === runAttributes.state)?.value

  it('answers a query with the step under way, and with the last one afterwards', async () => {
    let running = false
    let release = (): void => undefined
    const released = new Promise<void>((resolve) => (release = resolve))
    const classifyWithProvider = async () => {
      running = true
      await released
    }
    const stubs = { openJob: withProvider, classifyWithProvider }
    await withStubbedWorker(server, stubs, async ({ start, reports }) => {
      const run = await start()
      await waitUntil('the step runs', () => running)
      assert.deepEqual(await run.query('progress'), reports.at(-1))
      assert.equal(reports.at(-1)?.step, 'classifying')
      const metadata = await run.query<{ currentDetails: string }>(metadataQuery)
      assert.equal(metadata.currentDetails, 'Step: classifying (45 %)')
      release()
      await run.result()
      assert.deepEqual(await run.query('progress'), reports.at(-1))
      assert.equal(reports.at(-1)?.step, 'generating_response')
      const last = await run.query<{ currentDetails: string }>(metadataQuery)
      assert.equal(last.currentDetails, 'Ended: completed')
    })
  })

  it('tells an operator by a search attribute how the run ended', async () => {
    const extractText = ({ runId }: { runId: string }) =>
      runId === 'good'
        ? Promise.resolve()
        : Promise.reject(
            runId === 'over' ? new RunOverError() : permanentFailure('not_text', 'No.'),
          )
    await withStubbedWorker(server, { extractText }, async ({ start }) => {
      for (const [runId, state] of [
        ['good', 'completed'],
        ['bad', 'failed'],
        ['over', 'over'],
      ] as const) {
        const run = await start(runId)
        await run.result()
        assert.equal(await readState(run), state)
      }
    })
  })

  it('tells it also of a run that was cancelled', async () => {
    let running = false
    const classify = async () => {
      running = true
      return await Context.current().cancelled
    }
    await withStubbedWorker(server, { classify }, async ({ start }) => {
      const run = await start()
      await waitUntil('the step runs', () => running)
      await run.cancel()
      await assert.rejects(run.result())
      assert.equal(await readState(run), 'failed')
    })
  })
})
