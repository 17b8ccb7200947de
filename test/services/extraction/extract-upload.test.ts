import assert from 'node:assert/strict'
import type { PdfOptions } from '../../../services/extraction/extract-pdf-text.js'
import { extractUpload } from '../../../services/extraction/extract-upload.js'
import { makePdf } from './make-pdf.js'

const options: PdfOptions = { maxPages: 10, timeoutMs: 60_000, maxCharacters: 100_000 }

describe('extractUpload', function () {
  this.timeout(60_000)

  it('reads a text and a PDF alike', async () => {
    const bytes = Buffer.from('Situação', 'latin1')
    assert.equal(await extractUpload({ bytes, kind: 'txt' }, options), 'Situação')
    const pdf = await makePdf(['Situação'])
    assert.equal(await extractUpload({ bytes: pdf, kind: 'pdf' }, options), 'Situação')
  })

  it('says of white space that it is empty', async () => {
    for (const text of ['', ' \r\n\t ', '\uFEFF', '\u00A0']) {
      const upload = { bytes: Buffer.from(text), kind: 'txt' } as const
      await assert.rejects(extractUpload(upload, options), { code: 'empty_text' })
    }
    const upload = { bytes: Buffer.alloc(0), kind: 'pdf' } as const
    await assert.rejects(extractUpload(upload, options), { code: 'empty_text' })
  })

  it('refuses what is not of the kind it is said to be', async () => {
    const program = Buffer.from('MZ\x90\0\x03\0', 'latin1')
    const pdf = await makePdf(['a'])
    const cases = [
      { bytes: program, kind: 'txt', code: 'not_text' },
      { bytes: pdf, kind: 'txt', code: 'not_text' },
      { bytes: program, kind: 'pdf', code: 'pdf_not_pdf' },
    ] as const
    for (const { code, ...upload } of cases) {
      await assert.rejects(extractUpload(upload, options), { code })
    }
  })
})
