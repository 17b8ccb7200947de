import { ExtractionError } from './extraction-errors.js'

/** The bytes are no text in any charset we know: a program, an archive, a picture. */
export class NotTextError extends ExtractionError {
  override readonly name = 'NotTextError'

  constructor() {
    super('not_text')
  }
}
