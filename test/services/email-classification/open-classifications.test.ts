import assert from 'node:assert/strict'
import { RunOverError } from '../../../services/runs/run-over-error.js'
import type { Outcome } from '../../../services/email-classification/email-result.js'
import { createOpenClassifications } from '../../../services/email-classification/open-classifications.js'
import type { OpenDatabase } from '../../../db/database.js'
import { recordEnd } from '../../../db/runs.js'
import { openTestDatabase } from '../../support/database.js'
import { insertTestClassification, keys } from './test-classification.js'

/** Two of them are two workers: what one writes the other must see. */
describe('open classifications', () => {
  let database: OpenDatabase
  beforeEach(async () => {
    database = await openTestDatabase()
  })
  const open = () => createOpenClassifications(database.db, keys)

  it('find the text of a file that another worker read after this one had looked at the run', async () => {
    const [one, other] = [open(), open()]
    const runId = await insertTestClassification(database.db, 'Bom dia', 'txt')
    await one.find(runId)
    await assert.rejects(one.getText(runId), /no text yet/)
    await other.storeText(runId, 'Bom dia')
    assert.equal(await one.getText(runId), 'Bom dia')
  })

  it('find the outcome that another worker stored after this one had read the text', async () => {
    const [one, other] = [open(), open()]
    const runId = await insertTestClassification(database.db, 'Bom dia')
    await one.getText(runId)
    const outcome: Outcome = {
      category: 'Produtivo',
      topic: 'question',
      confidence: 0.9,
      needs_review: false,
      processed_text: 'Bom dia',
      original_length: 7,
      subject: '',
      language: 'pt',
      explanation: [],
      engine: 'local',
      degraded: false,
      model_version: 'test',
    }
    await other.storeOutcome(runId, outcome)
    assert.deepEqual(await one.getOutcome(runId), outcome)
    await recordEnd(database.db, runId, { status: 'failed', error: 'cancelled' })
    await assert.rejects(one.storeOutcome(runId, outcome), RunOverError)
    await assert.rejects(one.getText(runId), RunOverError)
  })

  it('keep nothing of a run that has ended', async () => {
    const opened = open()
    const runId = await insertTestClassification(database.db, 'Bom dia')
    await opened.getText(runId)
    await recordEnd(database.db, runId, { status: 'completed' })
    opened.forget(runId)
    await assert.rejects(opened.getText(runId), RunOverError)
  })
})
