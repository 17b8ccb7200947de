import assert from 'node:assert/strict'
import { RunOverError } from '../../../services/runs/run-over-error.js'
import type { Outcome } from '../../../services/email-classification/email-result.js'
import { createOpenClassifications } from '../../../services/email-classification/open-classifications.js'
import type { OpenDatabase } from '../../../db/database.js'
import { recordEnd } from '../../../db/run-progress.js'
import { openTestDatabase } from '../../support/database.js'
import { DamagedSealError } from '../../../db/key-ring.js'
import { batchChunkPlace } from '../../../db/seal-places.js'
import { testKeys } from '../../support/config.js'
import { sealUnbound } from '../../support/unbound-seal.js'
import { getRow, insertTestClassification, keys } from './test-classification.js'

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

  it('open nothing that was put there from another run, column or table', async () => {
    const { db } = database
    const [one, other] = [
      await insertTestClassification(db, 'Bom dia', 'txt'),
      await insertTestClassification(db, 'Boa noite', 'txt'),
    ]
    await open().storeText(one, 'Bom dia')
    await open().storeText(other, 'Boa noite')
    const { extracted, content } = await getRow(db, other)
    const chunk = keys.seal(Buffer.from('[]'), batchChunkPlace('content', one, 0))
    for (const moved of [extracted, content, chunk]) {
      await db
        .updateTable('classifications')
        .set({ extracted: moved })
        .where('id', '=', one)
        .execute()
      await assert.rejects(open().getText(one), DamagedSealError)
    }
    assert.equal(await open().getText(other), 'Boa noite')
  })

  it('open what was sealed before seals were bound', async () => {
    const { db } = database
    const runId = await insertTestClassification(db, 'Bom dia')
    const content = sealUnbound(testKeys.ENC_KEY, 'antigo')
    await db.updateTable('classifications').set({ content }).where('id', '=', runId).execute()
    assert.equal(await open().getText(runId), 'antigo')
  })
})
