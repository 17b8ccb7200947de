import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { ApplicationFailure, CancelledFailure } from '@temporalio/common'
import { createKeyRing, openText, UnknownKeyError } from '../../db/key-ring.js'
import { recordEnd, removeRun } from '../../db/run-progress.js'
import { RunOverError } from '../../services/runs/run-over-error.js'
import type { OpenDatabase } from '../../db/database.js'
import type { ExtractionCode } from '../../services/extraction/extraction-errors.js'
import type { TextSource } from '../../db/schema/email-classification.js'
import { classificationPlace } from '../../db/seal-places.js'
import { openTestDatabase } from '../support/database.js'
import { drawPdf, makePdf } from '../services/extraction/make-pdf.js'
import {
  getOutcome,
  getRow,
  insertTestClassification,
  keys,
  newActivityEnvironment,
  openActivities,
  pdfLimits,
  runActivity,
} from '../services/email-classification/test-classification.js'

const mail = `Assunto: Pedido 4821

Bom dia, qual o andamento do meu pedido 4821? Ainda não recebi o produto e preciso dele até sexta-feira.

Atenciosamente,
Maria Aparecida Souza`

describe('e-mail activities', function () {
  this.timeout(30_000)
  let database: OpenDatabase
  let activities: Awaited<ReturnType<typeof openActivities>>

  beforeEach(async () => {
    database = await openTestDatabase()
    activities = await openActivities(database.db)
  })

  const runAll = async (runId: string, source: TextSource = 'text') => {
    await runActivity(activities, 'extractText', { runId, source })
    const { language } = await runActivity(activities, 'detectLanguage', { runId })
    await runActivity(activities, 'classify', { runId, language, degraded: false })
    await runActivity(activities, 'draftReply', { runId, degraded: false })
  }

  it('make a result with every field of the contract', async () => {
    const runId = await insertTestClassification(database.db, mail)
    await runAll(runId)
    await runActivity(activities, 'recordResult', { runId, epoch: 7, seq: 6 })
    const outcome = await getOutcome(database.db, runId)
    assert.equal(outcome.category, 'Produtivo')
    assert.equal(outcome.language, 'pt')
    assert.equal(outcome.subject, 'Pedido 4821')
    assert.equal(outcome.engine, 'local')
    assert.equal(outcome.degraded, false)
    assert.equal(outcome.processed_text, mail.slice(0, 100))
    assert.equal(outcome.original_length, mail.length)
    assert.ok((outcome.confidence ?? 0) > 0.5 && (outcome.confidence ?? 2) <= 1)
    assert.equal(typeof outcome.needs_review, 'boolean')
    assert.ok((outcome.explanation ?? []).length > 0)
    assert.match(outcome.suggested_response ?? '', /^Olá, Maria Aparecida Souza,/)
    assert.ok(outcome.topic !== undefined && outcome.model_version !== undefined)
    const { status, step, progress, epoch, seq } = await getRow(database.db, runId)
    assert.deepEqual(
      { status, step, progress, epoch, seq },
      { status: 'completed', step: 'done', progress: 100, epoch: 7, seq: 7 },
    )
  })

  it('give the same when they are done twice', async () => {
    const runId = await insertTestClassification(database.db, mail)
    await runAll(runId)
    const first = await getOutcome(database.db, runId)
    await runAll(runId)
    assert.deepEqual(await getOutcome(database.db, runId), first)
    await runActivity(activities, 'recordResult', { runId, epoch: 1, seq: 6 })
    const ended = await getRow(database.db, runId)
    await runActivity(activities, 'recordResult', { runId, epoch: 1, seq: 6 })
    await runActivity(activities, 'recordFailure', { runId, error: 'internal', epoch: 9, seq: 9 })
    assert.deepEqual(await getRow(database.db, runId), ended)
  })

  it('leave no clear text at rest', async () => {
    for (const [content, source] of [
      [mail, 'text'],
      [await makePdf([mail]), 'pdf'],
      [mail, 'txt'],
    ] as const) {
      const runId = await insertTestClassification(database.db, content, source)
      await runAll(runId, source)
      const row = await getRow(database.db, runId)
      const sealed = (['content', 'outcome', 'extracted'] as const).flatMap((column) => {
        const value = row[column]
        return value === null ? [] : [{ value, place: classificationPlace(column, runId) }]
      })
      assert.equal(sealed.length, source === 'text' ? 2 : 3)
      const atRest = [
        ...sealed.map(({ value }) => value.toString('latin1')),
        JSON.stringify(row),
      ].join()
      const opened = sealed.map(({ value, place }) => openText(keys, value, place)).join()
      for (const word of ['Maria', 'pedido', 'Produtivo', 'andamento']) {
        assert.ok(opened.includes(word), word)
        assert.ok(!atRest.includes(word), word)
      }
    }
  })

  it('read a PDF once and keep its text beside the file', async () => {
    const runId = await insertTestClassification(
      database.db,
      await makePdf(['Bom dia', 'Segue a segunda página']),
      'pdf',
    )
    await runActivity(activities, 'extractText', { runId, source: 'pdf' })
    const { extracted } = await getRow(database.db, runId)
    assert.ok(extracted !== null)
    const place = classificationPlace('extracted', runId)
    const text = openText(keys, extracted, place)
    assert.match(text, /Bom dia\s+Segue a segunda página/)
    await runActivity(activities, 'extractText', { runId, source: 'pdf' })
    const again = (await getRow(database.db, runId)).extracted
    assert.ok(again !== null)
    assert.equal(openText(keys, again, place), text)
  })

  const faults: readonly {
    code: ExtractionCode
    source: TextSource
    content: () => Promise<Uint8Array> | Uint8Array
    limits?: Partial<typeof pdfLimits>
  }[] = [
    { code: 'pdf_not_pdf', source: 'pdf', content: () => Buffer.from('Bom dia') },
    {
      code: 'pdf_damaged',
      source: 'pdf',
      content: async () => (await makePdf(['a'])).subarray(0, 200),
    },
    {
      code: 'pdf_encrypted',
      source: 'pdf',
      content: () => makePdf(['a'], { userPassword: 'x', ownerPassword: 'y', pdfVersion: '1.7' }),
    },
    {
      code: 'pdf_without_text',
      source: 'pdf',
      content: () => drawPdf((pdf) => pdf.rect(9, 9, 9, 9).fill()),
    },
    { code: 'pdf_too_many_pages', source: 'pdf', content: () => makePdf(['a', 'b', 'c', 'd']) },
    {
      code: 'pdf_too_slow',
      source: 'pdf',
      content: () => makePdf(['a']),
      limits: { timeoutMs: 1 },
    },
    {
      code: 'pdf_too_large',
      source: 'pdf',
      content: () => makePdf(['word '.repeat(100)]),
      limits: { maxCharacters: 50 },
    },
    {
      code: 'not_text',
      source: 'txt',
      content: () => Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0', 'latin1'),
    },
    { code: 'empty_text', source: 'txt', content: () => Buffer.from(' \n') },
  ]
  for (const { code, source, content, limits } of faults)
    it(`say that a retry can't mend ${code}`, async () => {
      const limited = await openActivities(database.db, undefined, { ...pdfLimits, ...limits })
      const runId = await insertTestClassification(database.db, await content(), source)
      await assert.rejects(runActivity(limited, 'extractText', { runId, source }), (error) => {
        assert.ok(error instanceof ApplicationFailure)
        assert.equal(error.type, code)
        assert.equal(error.nonRetryable, true)
        return true
      })
      assert.equal((await getRow(database.db, runId)).extracted, null)
    })

  it('stop reading a PDF that is cancelled', async () => {
    const runId = await insertTestClassification(database.db, await makePdf(['Bom dia']), 'pdf')
    const environment = newActivityEnvironment()
    const reading = environment.run(() => activities.extractText({ runId, source: 'pdf' }))
    environment.cancel()
    await assert.rejects(reading, CancelledFailure)
    assert.equal((await getRow(database.db, runId)).extracted, null)
  })

  it('find a run over that ended, was removed, or never was', async () => {
    const failed = await insertTestClassification(database.db, mail)
    await recordEnd(database.db, failed, { status: 'failed', error: 'cancelled' })
    const removed = await insertTestClassification(database.db, mail)
    await database.db.transaction().execute((trx) => removeRun(trx, removed))
    for (const runId of [failed, removed, randomUUID()]) {
      const before = await database.db.selectFrom('runs').selectAll().orderBy('id').execute()
      assert.equal(await runActivity(activities, 'openJob', { runId }), null)
      const runs = [
        () => runActivity(activities, 'extractText', { runId, source: 'txt' }),
        () => runActivity(activities, 'detectLanguage', { runId }),
        () => runActivity(activities, 'classify', { runId, language: 'pt', degraded: false }),
        () =>
          runActivity(activities, 'classifyWithProvider', {
            runId,
            language: 'pt',
            degraded: false,
          }),
        () => runActivity(activities, 'draftReply', { runId, degraded: false }),
        () => runActivity(activities, 'draftReplyWithProvider', { runId, degraded: false }),
        () => runActivity(activities, 'recordResult', { runId, epoch: 1, seq: 1 }),
      ]
      for (const run of runs) await assert.rejects(run(), RunOverError)
      await runActivity(activities, 'recordFailure', { runId, error: 'internal', epoch: 1, seq: 1 })
      assert.deepEqual(
        await database.db.selectFrom('runs').selectAll().orderBy('id').execute(),
        before,
      )
    }
  })

  it('say of an open run where its text comes from', async () => {
    const runId = await insertTestClassification(database.db, 'x', 'pdf')
    assert.deepEqual(await runActivity(activities, 'openJob', { runId }), {
      source: 'pdf',
      hasProvider: false,
    })
  })

  it('say of a degraded run that it is', async () => {
    const runId = await insertTestClassification(database.db, mail)
    await runActivity(activities, 'classify', { runId, language: 'pt', degraded: true })
    assert.equal((await getOutcome(database.db, runId)).degraded, true)
  })

  it('fail so that they are tried again where a step before is missing', async () => {
    const runId = await insertTestClassification(database.db, mail)
    await assert.rejects(
      runActivity(activities, 'draftReply', { runId, degraded: false }),
      (error) => error instanceof Error && !(error instanceof ApplicationFailure),
    )
  })

  it('name the key that is missing where a row was sealed by another', async () => {
    const runId = await insertTestClassification(database.db, mail)
    const content = createKeyRing(['a key of another installation']).seal(
      Buffer.from(mail),
      classificationPlace('content', runId),
    )
    await database.db
      .updateTable('classifications')
      .set({ content })
      .where('id', '=', runId)
      .execute()
    await assert.rejects(runActivity(activities, 'detectLanguage', { runId }), UnknownKeyError)
  })

  it('draft no answer to advertising', async () => {
    const runId = await insertTestClassification(
      database.db,
      'Promoção imperdível! Só hoje, 70% de desconto em toda a loja. Clique e aproveite a oferta. Para cancelar a inscrição, responda sair.',
    )
    await runAll(runId)
    const { topic, suggested_response } = await getOutcome(database.db, runId)
    assert.deepEqual(
      { topic, suggested_response },
      { topic: 'advertising', suggested_response: '' },
    )
  })

  for (const headers of [
    'De: Loja <nao-responda@example.org>\nAssunto: Pedido 4821',
    'From: Ana Lima <ana@example.org>\nAuto-Submitted: auto-replied\nSubject: Pedido 4821',
    'Return-Path: <>\nFrom: Ana Lima <ana@example.org>\nSubject: Pedido 4821',
  ])
    it(`draft no answer to a mail that begins with ${JSON.stringify(headers)}`, async () => {
      const runId = await insertTestClassification(
        database.db,
        mail.replace('Assunto: Pedido 4821', headers),
      )
      await runAll(runId)
      assert.equal((await getOutcome(database.db, runId)).suggested_response, '')
    })

  it('draft an answer to who forwards a bounce and asks why', async () => {
    const runId = await insertTestClassification(
      database.db,
      `${mail}\n\n---------- Mensagem encaminhada ---------\nDe: mailer-daemon@example.org\nAuto-Submitted: auto-replied\nAssunto: Falha na entrega\n\nUsuário desconhecido.`,
    )
    await runAll(runId)
    assert.match((await getOutcome(database.db, runId)).suggested_response ?? '', /^Olá, Maria/)
  })
})
