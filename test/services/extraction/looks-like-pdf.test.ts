import assert from 'node:assert/strict'
import { looksLikePdf } from '../../../services/extraction/looks-like-pdf.js'

describe('looksLikePdf', () => {
  it('finds the header within the first 1024 bytes', () => {
    assert.equal(looksLikePdf(Buffer.from('%PDF-1.7')), true)
    assert.equal(looksLikePdf(Buffer.concat([Buffer.alloc(1019), Buffer.from('%PDF-')])), true)
    assert.equal(looksLikePdf(Buffer.concat([Buffer.alloc(1020), Buffer.from('%PDF-')])), false)
  })

  it('is not taken in by a program or by nothing', () => {
    assert.equal(looksLikePdf(Buffer.from('MZ\x90\0')), false)
    assert.equal(looksLikePdf(new Uint8Array()), false)
  })
})
