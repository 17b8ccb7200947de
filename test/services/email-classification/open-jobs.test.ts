import assert from 'node:assert/strict'
import type { Outcome } from '../../../services/email-classification/email-job.js'
import { createOpenJobs } from '../../../services/email-classification/open-jobs.js'
import type { OpenDatabase } from '../../../db/database.js'
import { recordEnd } from '../../../db/jobs.js'
import { DamagedSealError } from '../../../db/key-ring.js'
import { batchChunkPlace } from '../../../db/seal-places.js'
import { testKeys } from '../../support/config.js'
import { openTestDatabase } from '../../support/database.js'
import { sealUnbound } from '../../support/unbound-seal.js'
import { getRow, insertTestJob, keys } from './test-job.js'

/** Two of them are two workers: what one writes the other must see. */
describe('open jobs', () => {
  let database: OpenDatabase
  beforeEach(async () => {
    database = await openTestDatabase()
  })
  const open = () => createOpenJobs(database.db, keys)

  it('find the text of a file that another worker read after this one had looked at the job', async () => {
    const [one, other] = [open(), open()]
    const jobId = await insertTestJob(database.db, 'Bom dia', 'txt')
    await one.find(jobId)
    await assert.rejects(one.getText(jobId), /no text yet/)
    await other.storeText(jobId, 'Bom dia')
    assert.equal(await one.getText(jobId), 'Bom dia')
  })

  it('find the outcome that another worker stored after this one had read the text', async () => {
    const [one, other] = [open(), open()]
    const jobId = await insertTestJob(database.db, 'Bom dia')
    await one.getText(jobId)
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
    await other.storeOutcome(jobId, outcome)
    assert.deepEqual(await one.getOutcome(jobId), outcome)
    await recordEnd(database.db, jobId, { status: 'failed', error: 'cancelled' })
    await assert.rejects(one.storeOutcome(jobId, outcome), { type: 'job_over' })
    await assert.rejects(one.getText(jobId), { type: 'job_over' })
  })

  it('open nothing that was put there from another job, column or table', async () => {
    const { db } = database
    const [one, other] = [
      await insertTestJob(db, 'Bom dia', 'txt'),
      await insertTestJob(db, 'Boa noite', 'txt'),
    ]
    await open().storeText(one, 'Bom dia')
    await open().storeText(other, 'Boa noite')
    const { extracted, content } = await getRow(db, other)
    const chunk = keys.seal(Buffer.from('[]'), batchChunkPlace('content', one, 0))
    for (const moved of [extracted, content, chunk]) {
      await db.updateTable('jobs').set({ extracted: moved }).where('id', '=', one).execute()
      await assert.rejects(open().getText(one), DamagedSealError)
    }
    assert.equal(await open().getText(other), 'Boa noite')
  })

  it('open what was sealed before seals were bound', async () => {
    const { db } = database
    const jobId = await insertTestJob(db, 'Bom dia')
    const content = sealUnbound(testKeys.ENC_KEY, 'antigo')
    await db.updateTable('jobs').set({ content }).where('id', '=', jobId).execute()
    assert.equal(await open().getText(jobId), 'antigo')
  })

  it('keep nothing of a job that has ended', async () => {
    const jobs = open()
    const jobId = await insertTestJob(database.db, 'Bom dia')
    await jobs.getText(jobId)
    await recordEnd(database.db, jobId, { status: 'completed' })
    jobs.forget(jobId)
    await assert.rejects(jobs.getText(jobId), { type: 'job_over' })
  })
})
