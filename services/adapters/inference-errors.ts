export type InferenceErrorKind = 'refused' | 'rate_limited' | 'unavailable' | 'timeout' | 'nonsense'

/**
 * A model service didn't give a usable answer. The message is made here from fixed words and the
 * status alone: the key, the mail's text and the server's own words (which may quote both) never
 * stand in it, and for the same reason no cause is attached.
 */
export class InferenceError extends Error {
  override readonly name: string = 'InferenceError'

  constructor(
    readonly kind: InferenceErrorKind,
    message: string,
    /** How long the service asks to be left alone, at most 60,000 ms; only where it said so. */
    readonly retryAfterMs?: number,
  ) {
    super(message)
  }

  /** True when the same request can't succeed later: wrong key, address, model or request. */
  get permanent(): boolean {
    return this.kind === 'refused'
  }
}

/** The service answered, but not with what was asked for. Asking again may help. */
export class NonsenseAnswerError extends InferenceError {
  override readonly name = 'NonsenseAnswerError'

  constructor(message: string) {
    super('nonsense', message)
  }
}
