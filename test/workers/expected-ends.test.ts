import assert from 'node:assert/strict'
import { pino } from 'pino'
import { z } from 'zod'
import { openDependencies } from '../../commands/processes/dependencies.js'
import { withLifecycle } from '../../commands/processes/lifecycle.js'
import { openWorkers } from '../../commands/processes/open-workers.js'
import { productSubjects } from '../../commands/processes/subjects.js'
import type { Db } from '../../db/database.js'
import { asSealed } from '../../db/sealed.js'
import { createRunService, type RunService } from '../../services/runs/run-service.js'
import { classificationKind } from '../../db/classifications.js'
import { taskQueueNames } from '../../workflows/task-queues.js'
import { endlessPdf } from '../services/extraction/make-pdf.js'
import {
  getRow,
  insertTestClassification,
} from '../services/email-classification/test-classification.js'
import { testConfig } from '../support/config.js'
import { openTestDatabase } from '../support/database.js'
import { getTemporalServer, temporalLines } from '../support/temporal.js'
import { waitUntil } from '../support/wait-until.js'

const logLine = z.object({
  msg: z.string(),
  err: z.object({ message: z.string(), stack: z.string().optional() }),
})

interface RunningProduct {
  readonly db: Db
  readonly runs: RunService
  readonly start: (id: string) => Promise<void>
  readonly startPdf: (bytes: string | Uint8Array) => Promise<string>
  /** Once no workflow works on the run any more. */
  readonly closed: (id: string) => Promise<unknown>
  /** What the workers have logged since they were started. */
  readonly lines: () => readonly string[]
}

describe('What workers log', function () {
  this.timeout(120_000)
  const log = pino({ level: 'silent' })

  async function withProduct(use: (product: RunningProduct) => Promise<void>): Promise<void> {
    const database = await openTestDatabase()
    const { db } = database
    const temporalAddress = (await getTemporalServer()).address
    await withLifecycle(log, async (lifecycle) => {
      const dependencies = openDependencies(lifecycle, {
        ...{ config: testConfig(), log, temporalAddress, database },
        subjects: productSubjects,
      })
      const { findKind, runner } = dependencies
      const workers = await openWorkers(lifecycle, dependencies, taskQueueNames)
      await waitUntil('the workers run', () => workers.isRunning())
      const before = temporalLines.length
      await use({
        db,
        runs: createRunService({
          ...{ db, findKind, runner, onUnheardCancel: assert.ifError },
          withdrawals: { add: () => undefined },
          backlog: { enter: () => Promise.resolve(() => undefined) },
        }),
        start: (id) => runner.start({ id, kind: classificationKind }),
        startPdf: async (bytes) => {
          const id = await insertTestClassification(db, bytes, 'pdf')
          await runner.start({ id, kind: classificationKind })
          return id
        },
        closed: (id) =>
          waitUntil('its workflow is closed', async () => {
            const state = await runner.findState({ id, kind: classificationKind })
            return state === 'closed'
          }),
        lines: () => temporalLines.slice(before).filter((line) => !line.includes('No workflows')),
      })
    })
  }

  it('is what nobody expected, with its cause and its stack once, and nothing of what users do', () =>
    withProduct(async ({ db, runs, start, startPdf, closed, lines }) => {
      const bad = await startPdf('%PDF-1.7 and then nothing')
      await closed(bad)
      assert.equal((await getRow(db, bad)).status, 'failed')
      const [cancelled, removed] = [await startPdf(endlessPdf(6)), await startPdf(endlessPdf(6))]
      for (const id of [cancelled, removed])
        await waitUntil('its PDF is read', async () => {
          return (await getRow(db, id)).step === 'extracting_text'
        })
      await runs.cancel(cancelled)
      await runs.remove(removed)
      await Promise.all([cancelled, removed].map(closed))
      assert.equal((await getRow(db, cancelled)).error, 'cancelled')

      const broken = await insertTestClassification(db, 'Bom dia')
      const content = asSealed(Buffer.alloc(64, 9))
      await db.updateTable('classifications').set({ content }).where('id', '=', broken).execute()
      await start(broken)
      await closed(broken)
      // Lines come late and in order.
      await waitUntil('the last line', () => lines().at(-1)?.includes('Workflow failed'))
      const logged = lines().map((line) => logLine.parse(JSON.parse(line)))
      assert.deepEqual(
        logged.map(({ msg, err }) => [msg, err.message, err.stack !== undefined]),
        [
          ['Activity failed', 'Not a sealed value.', true],
          ['Workflow failed', 'Not a sealed value.', false],
        ],
      )
    }))
})
