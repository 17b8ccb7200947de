import assert from 'node:assert/strict'
import {
  ExtractionError,
  extractionSentences,
} from '../../../services/extraction/extraction-errors.js'
import { NotTextError } from '../../../services/extraction/not-text-error.js'

describe('extractionSentences', () => {
  it('says in the language asked for what to do', () => {
    assert.match(extractionSentences.pdf_encrypted.pt, /remova a senha/)
    assert.match(extractionSentences.pdf_encrypted.en, /remove the password/)
  })

  it('is the message of the error in Portuguese', () => {
    assert.equal(new ExtractionError('empty_text').message, extractionSentences.empty_text.pt)
    assert.ok(new NotTextError() instanceof ExtractionError)
  })
})
