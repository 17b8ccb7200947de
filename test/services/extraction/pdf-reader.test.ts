import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { deflateSync } from 'node:zlib'
import type { PdfOptions } from '../../../services/extraction/pdf-reader.js'
import { assemblePdf, drawPdf, endlessPdf, makePdf, onePagePdf } from './make-pdf.js'
import { deflatedRepeat } from './deflated-repeat.js'
import { extractPdfText } from './extract-pdf-text.js'

const options: PdfOptions = { maxPages: 200, timeoutMs: 60_000, maxCharacters: 1_000_000 }
const protectedBy = { pdfVersion: '1.7ext3' } as const

/** Processes that this one has started and that have not ended. */
const runningProcesses = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'ProcessWrap').length

describe('a PDF reader for one file', function () {
  this.timeout(120_000)
  let before = 0
  beforeEach(() => {
    before = runningProcesses()
  })
  afterEach('no process stays behind', async () => {
    // Its handle is closed one turn of the event loop after it has ended.
    await setImmediate()
    assert.equal(runningProcesses(), before)
  })

  it('reads accents, lines, paragraphs and pages', async () => {
    const pdf = await makePdf(['Olá, João!\nNão há ação.\n\nÀ disposição.', 'Página “dois” – 10 €'])
    assert.deepEqual(await extractPdfText(pdf, options), {
      text: 'Olá, João!\nNão há ação.\n\nÀ disposição.\n\nPágina “dois” – 10 €',
      pages: 2,
    })
  })

  it('reads one column after the other', async () => {
    const words = Array.from({ length: 90 }, (_, index) => `ação${index}`)
    const pdf = await drawPdf((page) => page.text(words.join(' '), { columns: 3, height: 200 }))
    const { text } = await extractPdfText(pdf, options)
    assert.deepEqual(text.split(/\s+/), words)
  })

  it('keeps the cells of a table row on one line', async () => {
    const pdf = await drawPdf((page) => {
      page.text('Pensão', 72, 100, { lineBreak: false })
      page.text('R$ 10,50', 300, 100, { lineBreak: false })
      page.text('Água', 72, 120, { lineBreak: false })
    })
    assert.equal((await extractPdfText(pdf, options)).text, 'Pensão R$ 10,50\nÁgua')
  })

  it('tells each page as it is read', async () => {
    const seen: string[] = []
    const onPage = (page: number, pages: number): void => void seen.push(`${page}/${pages}`)
    await extractPdfText(await makePdf(['a', 'b', 'c']), { ...options, onPage })
    assert.deepEqual(seen, ['1/3', '2/3', '3/3'])
  })

  it('reads several at once', async () => {
    const pdfs = await Promise.all(['um', 'dois', 'três'].map((text) => makePdf([text])))
    const texts = await Promise.all(pdfs.map((pdf) => extractPdfText(pdf, options)))
    assert.deepEqual(
      texts.map(({ text }) => text),
      ['um', 'dois', 'três'],
    )
  })

  it('asks for the password to be removed', async () => {
    const pdf = await makePdf(['segredo'], {
      ...protectedBy,
      userPassword: 'x',
      ownerPassword: 'y',
    })
    await assert.rejects(extractPdfText(pdf, options), { code: 'pdf_encrypted' })
  })

  it('opens what only an owner password protects', async () => {
    const pdf = await makePdf(['avaliação'], { ...protectedBy, ownerPassword: 'y' })
    assert.equal((await extractPdfText(pdf, options)).text, 'avaliação')
  })

  it('takes encryption by certificate for encryption', async () => {
    const pdf = assemblePdf(
      ['<</Type/Catalog/Pages 2 0 R>>', '<</Type/Pages/Count 0/Kids[]>>'],
      '/Encrypt<</Filter/Adobe.PubSec/V 4>>/ID[<00><00>]',
    )
    await assert.rejects(extractPdfText(pdf, options), { code: 'pdf_encrypted' })
  })

  it('refuses a program named .pdf', async () => {
    await assert.rejects(extractPdfText(Buffer.from('MZ\x90\0\x03\0'), options), {
      code: 'pdf_not_pdf',
    })
  })

  it('finds a PDF damaged wherever it was cut', async () => {
    const pdf = await makePdf(['página um', 'página dois', 'página três'])
    for (const share of [0.1, 0.5, 0.9]) {
      const cut = pdf.subarray(0, Math.floor(pdf.length * share))
      await assert.rejects(extractPdfText(cut, options), { code: 'pdf_damaged' })
    }
  })

  it('does not give the first half of a text for the whole', async () => {
    const pdf = assemblePdf([
      '<</Type/Catalog/Pages 2 0 R>>',
      '<</Type/Pages/Count 1/Kids[3 0 R]>>',
      '<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 5 0 R/Resources<</Font<</F1 4 0 R>>>>>>',
      '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
      { entries: '', stream: Buffer.from('BT /F1 12 Tf (first half) Tj (second half) Tj ET') },
    ])
    assert.equal((await extractPdfText(pdf, options)).text, 'first halfsecond half')
    const cut = pdf.subarray(0, pdf.indexOf('(second'))
    await assert.rejects(extractPdfText(cut, options), { code: 'pdf_damaged' })
  })

  it('finds garbage behind a PDF header damaged', async () => {
    const garbage = Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 7919) % 256))
    const pdf = Buffer.concat([
      Buffer.from('%PDF-1.7\n'),
      garbage,
      Buffer.from('\nstartxref\n12\n%%EOF'),
    ])
    await assert.rejects(extractPdfText(pdf, options), { code: 'pdf_damaged' })
  })

  it('says of a picture that it has no text', async () => {
    const pdf = await drawPdf((page) => page.rect(50, 50, 200, 200).fill('red'))
    await assert.rejects(extractPdfText(pdf, options), { code: 'pdf_without_text' })
  })

  it('reads no page of a PDF with too many', async () => {
    const pdf = await makePdf(Array.from({ length: 2000 }, (_, index) => `página ${index}`))
    const onPage = (): void => assert.fail('a page was read')
    await assert.rejects(extractPdfText(pdf, { ...options, onPage }), {
      code: 'pdf_too_many_pages',
    })
  })

  it('stops at too many characters', async () => {
    const pdf = await makePdf(['dez letras', 'dez letras', 'dez letras'])
    await assert.rejects(extractPdfText(pdf, { ...options, maxCharacters: 20 }), {
      code: 'pdf_too_large',
    })
    assert.equal((await extractPdfText(pdf, { ...options, maxCharacters: 30 })).pages, 3)
  })

  it('ends at a stream that unpacks to 600 MB', async () => {
    const pdf = onePagePdf(await deflatedRepeat(' ', 600_000_000))
    assert.ok(pdf.length < 1_000_000)
    await assert.rejects(extractPdfText(pdf, options), { code: 'pdf_too_large' })
  })

  it('outlives a text that would end a whole process by its memory', async () => {
    const deflated = await deflatedRepeat('a', 100_000_000, 'BT /F1 12 Tf (', ') Tj ET')
    await assert.rejects(extractPdfText(onePagePdf(deflated), options), { code: 'pdf_too_large' })
  })

  it('ends at a page that takes for ever', async () => {
    await assert.rejects(extractPdfText(endlessPdf(), { ...options, timeoutMs: 2000 }), {
      code: 'pdf_too_slow',
    })
  })

  it('survives a million nested arrays', async () => {
    const nested = '['.repeat(1_000_000) + ']'.repeat(1_000_000)
    const page = onePagePdf(deflateSync('BT /F1 12 Tf (x) Tj ET'), `/Nested ${nested}`)
    await assert.rejects(extractPdfText(page, options), { code: 'pdf_damaged' })
  })

  it('is not taken in by a page tree that contains itself', async () => {
    const pdf = assemblePdf([
      '<</Type/Catalog/Pages 2 0 R>>',
      '<</Type/Pages/Count 1/Kids[2 0 R]>>',
    ])
    await assert.rejects(extractPdfText(pdf, options), { code: 'pdf_damaged' })
  })

  it('ends when it is aborted, with the reason', async () => {
    const abort = new AbortController()
    const reason = new Error('cancelled')
    const onPage = (): void => abort.abort(reason)
    const pdf = await makePdf(Array.from({ length: 150 }, (_, index) => `página ${index}`))
    const reading = extractPdfText(pdf, { ...options, onPage, signal: abort.signal })
    await assert.rejects(reading, (error) => error === reason)
  })

  it('ends when it is aborted inside a page that takes for ever', async () => {
    const abort = new AbortController()
    // After the first page the reader is busy with the second, and hears nothing any more.
    const onPage = (): void => abort.abort(new Error('cancelled'))
    const reading = extractPdfText(endlessPdf(), { ...options, onPage, signal: abort.signal })
    await assert.rejects(reading, { message: 'cancelled' })
  })

  it('does not start when it is aborted already', async () => {
    const signal = AbortSignal.abort(new Error('cancelled'))
    const reading = extractPdfText(await makePdf(['a']), { ...options, signal })
    await assert.rejects(reading, { message: 'cancelled' })
  })

  it('ends with what onPage throws', async () => {
    const onPage = (): void => {
      throw new Error('heartbeat failed')
    }
    const reading = extractPdfText(await makePdf(['a', 'b']), { ...options, onPage })
    await assert.rejects(reading, { message: 'heartbeat failed' })
  })
})
