import assert from 'node:assert/strict'
import { readMeasuredEmailModel } from '../../engine/measured-email-model.js'

describe('what was measured of the mail model that ships', () => {
  it('should be of the examples and the engine as they are now', async () => {
    assert.ok(
      (await readMeasuredEmailModel()) !== undefined,
      'The examples or the engine have changed: run `npx triagem train email` and commit engine/data/email-measured.json.',
    )
  })
})
