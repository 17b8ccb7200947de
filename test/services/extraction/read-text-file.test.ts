import assert from 'node:assert/strict'
import { readTextFile } from '../../../services/extraction/read-text-file.js'
import { makePdf } from './make-pdf.js'

describe('readTextFile', () => {
  it('reads a text', () => {
    assert.equal(readTextFile(Buffer.from('Situação', 'latin1')), 'Situação')
  })

  it('says of white space that it is empty', () => {
    for (const text of ['', ' \r\n\t ', '\uFEFF', '\u00A0'])
      assert.throws(() => readTextFile(Buffer.from(text)), { code: 'empty_text' })
  })

  it('refuses what is no text', async () => {
    const program = Buffer.from('MZ\x90\0\x03\0', 'latin1')
    for (const bytes of [program, await makePdf(['a'])])
      assert.throws(() => readTextFile(bytes), { code: 'not_text' })
  })
})
