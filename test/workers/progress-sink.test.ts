import assert from 'node:assert/strict'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { WorkflowInfo } from '@temporalio/workflow'
import { pino } from 'pino'
import type { OpenDatabase } from '../../db/database.js'
import type { RunProgress } from '../../db/run-progress.js'
import { findRun } from '../../db/runs.js'
import { createProgressSink } from '../../workers/progress-sink.js'
import { insertTestClassification } from '../services/email-classification/test-classification.js'
import { openTestDatabase } from '../support/database.js'
import { putBehindGate } from '../support/gated-database.js'
import { waitUntil } from '../support/wait-until.js'

/** The sink asks nothing of the workflow. */
const nobody = {} as WorkflowInfo

describe('progress sink', () => {
  let database: OpenDatabase
  let lines: string[]

  beforeEach(async () => {
    database = await openTestDatabase()
    lines = []
  })

  const report = (progress: RunProgress) => {
    const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) })
    return createProgressSink(database.db, log).progress.report.fn(nobody, progress)
  }
  const at = (id: string, seq: number, progress: number): RunProgress => ({
    id,
    kind: 'classification',
    status: 'running',
    step: 'classifying',
    progress,
    done: null,
    total: null,
    epoch: 1,
    seq,
  })

  it('writes a step to the row, and of those that come meanwhile the newest', async () => {
    const id = await insertTestClassification(database.db, 'Bom dia')
    const { report } = createProgressSink(database.db, pino({ level: 'silent' })).progress
    for (const seq of [1, 2, 3, 4]) void report.fn(nobody, at(id, seq, seq * 10))
    await waitUntil(
      'the newest is written',
      async () => (await findRun(database.db, id))?.seq === 4,
    )
    assert.equal((await findRun(database.db, id))?.progress, 40)
  })

  it('writes what many jobs say while the database is busy or at rest in few statements', async () => {
    const ids = await Promise.all(
      Array.from({ length: 20 }, () => insertTestClassification(database.db, 'Bom dia')),
    )
    const gated = putBehindGate(database)
    const { report } = createProgressSink(gated.db, pino({ level: 'silent' })).progress
    for (const id of ids) void report.fn(nobody, at(id, 1, 15))
    // The first has begun alone; the others come one by one after it, as from workflows at work.
    for (const id of ids) {
      void report.fn(nobody, at(id, 2, 35))
      await nextTurn()
    }
    await waitUntil('every step is written', async () => {
      const rows = await Promise.all(ids.map((id) => findRun(database.db, id)))
      return rows.every((row) => row?.seq === 2)
    })
    assert.ok(gated.connections() < ids.length, `${gated.connections()} statements`)
  })

  it('does not say a step again when the workflow is replayed', () => {
    const { callDuringReplay } = createProgressSink(database.db, pino({ level: 'silent' })).progress
      .report
    assert.equal(callDuringReplay, false)
  })

  it('holds no workflow up where the database is away, and leaves a line without the id', async () => {
    const id = await insertTestClassification(database.db, 'Bom dia')
    await database.db.schema.alterTable('runs').renameTo('runs_away').execute()
    try {
      await report(at(id, 4, 45))
      await waitUntil('it says so', () => lines.length > 0)
    } finally {
      await database.db.schema.alterTable('runs_away').renameTo('runs').execute()
    }
    assert.equal(lines.length, 1)
    assert.ok(!lines.join().includes(id))
  })

  it('holds no workflow up where the database hangs, and writes the step once it can', async () => {
    const id = await insertTestClassification(database.db, 'Bom dia')
    await database.db.transaction().execute(async (trx) => {
      await trx.selectFrom('runs').select('id').where('id', '=', id).forUpdate().execute()
      const askedMs = Date.now()
      await report(at(id, 4, 45))
      assert.ok(Date.now() - askedMs < 2_000)
    })
    await waitUntil('the step is written', async () => (await findRun(database.db, id))?.seq === 4)
    assert.deepEqual(lines, [])
  })
})
