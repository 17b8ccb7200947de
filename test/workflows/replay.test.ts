import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  bundleWorkflowCode,
  DefaultLogger,
  Worker,
  type WorkflowBundleOption,
} from '@temporalio/worker'
import { DeterminismViolationError } from '@temporalio/workflow'
import { createDataConverter } from '../../services/adapters/payload-codec.js'
import { createKeyRing } from '../../db/key-ring.js'
import { packageRoot } from '../../config/package.js'
import { workflowBundlePath } from '../../workers/worker.js'
import { testKeys } from '../support/config.js'

const folder = join(packageRoot, 'test', 'histories')

interface StoredHistory {
  events: {
    activityTaskScheduledEventAttributes?: { activityType: { name: string } }
    workflowTaskCompletedEventAttributes?: { sdkMetadata?: { sdkName?: string } }
  }[]
}

/** What was exported from real runs (support/export-histories.ts): today's code must still follow it. */
describe('replay', function () {
  this.timeout(60_000)

  const dataConverter = createDataConverter(createKeyRing([testKeys.ENC_KEY]))
  const replay = (
    history: StoredHistory,
    workflowBundle: WorkflowBundleOption = { codePath: workflowBundlePath },
  ) => Worker.runReplayHistory({ workflowBundle, dataConverter }, history)

  const read = async (name: string) =>
    JSON.parse(await readFile(join(folder, name), 'utf8')) as StoredHistory
  const listNames = async () => (await readdir(folder)).filter((name) => name.endsWith('.json'))
  const readFirst = async (start: string) => {
    const name = (await listNames()).find((one) => one.startsWith(start))
    assert.ok(name !== undefined)
    return await read(name)
  }

  it('has a history of every way in which a workflow ends', async () => {
    const names = (await listNames()).map((name) => name.replace(/-\d+\.\d+\.\d+\.json$/, ''))
    for (const name of [
      'classify-email-text-completed',
      'classify-email-pdf-completed',
      'classify-email-pdf-damaged',
      'classify-email-over',
      'classify-email-cancelled',
      'classify-email-provider-completed',
      'classify-email-provider-degraded',
      'classify-batch-completed',
      'classify-batch-no-model',
      'sweep-runs',
      'keep-house',
    ])
      assert.ok(names.includes(name), name)
  })

  it('follows every history that was exported', async () => {
    for (const name of await listNames()) await assert.doesNotReject(replay(await read(name)), name)
  })

  it('replays real histories, whose checks are in force and which name no machine', async () => {
    for (const name of await listNames()) {
      const { events } = await read(name)
      const metadata = events.flatMap(
        (event) => event.workflowTaskCompletedEventAttributes?.sdkMetadata ?? [],
      )
      assert.ok(
        metadata.some(({ sdkName }) => sdkName === 'temporal-typescript'),
        name,
      )
      const identities = JSON.stringify(events).match(/"identity":"[^"]*"/g) ?? []
      assert.deepEqual([...new Set(identities)], ['"identity":"test"'], name)
    }
  })

  it('fails where the code calls another activity than the history says', async () => {
    const history = await readFirst('classify-email-pdf-completed')
    for (const { activityTaskScheduledEventAttributes: scheduled } of history.events)
      if (scheduled !== undefined) scheduled.activityType.name = 'extractTextOfOld'
    await assert.rejects(replay(history), DeterminismViolationError)
  })

  it('fails where the code leaves out a step that the history has', async () => {
    const changed = await bundleWorkflowCode({
      logger: new DefaultLogger('ERROR', () => undefined),
      workflowsPath: fileURLToPath(new URL('./changed-workflow.js', import.meta.url)),
      ...(dataConverter.failureConverterPath === undefined
        ? {}
        : { failureConverterPath: dataConverter.failureConverterPath }),
    })
    const history = await readFirst('classify-email-text-completed')
    await assert.rejects(replay(history, changed), DeterminismViolationError)
  })
})
